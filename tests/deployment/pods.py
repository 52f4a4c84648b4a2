"""Reading rendered manifests, and the rules of Kubernetes' Pod Security Standard "restricted"."""

from collections.abc import Iterator
from typing import Any

Resource = dict[str, Any]
_WORKLOADS = {"Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"}
_VOLUMES = {
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
}


def kind(resources: list[Resource], name: str) -> list[Resource]:
    """The resources of one kind."""
    return [resource for resource in resources if resource["kind"] == name]


def named(resources: list[Resource], kind_name: str, name: str) -> Resource:
    """The resource of this kind and name; fails if there is none, or more than one."""
    (found,) = (each for each in kind(resources, kind_name) if each["metadata"]["name"] == name)
    return found


def workloads(resources: list[Resource]) -> list[Resource]:
    """What starts pods."""
    return [resource for resource in resources if resource["kind"] in _WORKLOADS]


def pod(workload: Resource) -> Resource:
    """The specification of a workload's pods."""
    spec: Resource = template(workload)["spec"]
    return spec


def template(workload: Resource) -> Resource:
    """The template of a workload's pods, with their labels."""
    spec: Resource = workload["spec"]["jobTemplate"]["spec"] if workload["kind"] == "CronJob" else workload["spec"]
    found: Resource = spec["template"]
    return found


def containers(spec: Resource) -> Iterator[Resource]:
    """Every container of a pod, those that initialize it included."""
    yield from spec.get("initContainers", [])
    yield from spec["containers"]
    yield from spec.get("ephemeralContainers", [])


def selects(selector: Resource, labels: dict[str, str]) -> bool:
    """Whether a label selector matches labels."""
    wanted = selector.get("matchLabels", {})
    if any(labels.get(key) != value for key, value in wanted.items()):
        return False
    expressions = selector.get("matchExpressions", [])
    assert all(each["operator"] == "In" for each in expressions), "only the operator In is used"
    return all(labels.get(each["key"]) in each["values"] for each in expressions)


def pod_faults(spec: Resource) -> list[str]:
    """What breaks the profile "restricted", and our rules: no writable root, no token, no service links."""
    faults = [f"{name} is set" for name in ("hostNetwork", "hostPID", "hostIPC") if spec.get(name)]
    own = spec.get("securityContext", {})
    if spec.get("automountServiceAccountToken") is not False:
        faults.append("a token is mounted")
    if spec.get("enableServiceLinks") is not False:
        faults.append("variables of Services are set")
    for volume in spec.get("volumes", []):
        faults += [f"a volume of type {type_}" for type_ in set(volume) - {"name"} - _VOLUMES]
    for container in containers(spec):
        faults += [f"{container['name']}: {fault}" for fault in _container_faults(container, own)]
    return faults


def _container_faults(container: Resource, of_pod: Resource) -> Iterator[str]:
    own = {**of_pod, **container.get("securityContext", {})}
    capabilities = own.get("capabilities", {})
    if own.get("runAsNonRoot") is not True:
        yield "may run as root"
    if own.get("runAsUser") in {None, 0}:
        yield "has no user"
    if own.get("seccompProfile", {}).get("type") not in {"RuntimeDefault", "Localhost"}:
        yield "has no seccomp profile"
    if own.get("allowPrivilegeEscalation") is not False:
        yield "may gain privileges"
    if own.get("privileged"):
        yield "is privileged"
    if capabilities.get("drop") != ["ALL"] or capabilities.get("add"):
        yield "has capabilities"
    if own.get("readOnlyRootFilesystem") is not True:
        yield "may write to its root"
    if any("hostPort" in port for port in container.get("ports", [])):
        yield "uses a port of the node"
    resources = container.get("resources", {})
    if not {"cpu", "memory"} <= set(resources.get("requests", {})) or "memory" not in resources.get("limits", {}):
        yield "has no requests, or no limit of memory"


def may_connect(resources: list[Resource], source: Resource, target: Resource, port: str) -> bool:
    """Whether network policies let a pod connect to a named port of another one in the same namespace.

    `source` and `target` are templates of pods.
    """
    policies = [each["spec"] for each in kind(resources, "NetworkPolicy")]
    number = {each["name"]: each["containerPort"] for each in target["spec"]["containers"][0]["ports"]}[port]

    def allowed(own: Resource, other: Resource, direction: str, peers: str) -> bool:
        labels = own["metadata"]["labels"]
        applying = [each for each in policies if selects(each["podSelector"], labels)]
        rules = [rule for each in applying for rule in each.get(direction.lower(), [])]
        return not any(direction in each["policyTypes"] for each in applying) or any(
            any(_is_peer(peer, other["metadata"]["labels"]) for peer in rule[peers])
            and any(each["port"] in {port, number} for each in rule["ports"])
            for rule in rules
        )

    return allowed(source, target, "Egress", "to") and allowed(target, source, "Ingress", "from")


def _is_peer(peer: Resource, labels: dict[str, str]) -> bool:
    """Whether a peer of a policy is a pod with these labels in the policy's own namespace."""
    return set(peer) == {"podSelector"} and selects(peer["podSelector"], labels)
