"""The manifests of deploy/kubernetes/: valid, restricted, consistent with the settings and the documentation."""

import copy
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from deployment.conftest import KUBERNETES, Render, Resource
from deployment.pods import containers, kind, may_connect, named, pod, pod_faults, selects, template, workloads
from entrypoints.configuration.setting_readers import PROJECT
from entrypoints.configuration.settings import read_settings
from harness.prometheus_rule import prometheus_rule

OVERLAYS = ("development", "production")
FOLDERS = tuple(f"overlays/{overlay}{part}" for overlay in OVERLAYS for part in ("", "/migration"))
VERSIONS = ("1.30", "1.37")
"""The oldest version of Kubernetes that the manifests are meant for, and a recent one."""
CUSTOM = {"PodMonitor", "PrometheusRule"}
"""Kinds of the Prometheus operator, for which there is no schema here."""
SECRETS = {
    "database_url": "postgresql://scoring_api:password@postgres:5432/scoring",
    "redis_url": "redis://scoring:password@redis:6379/0",
    "secret_key": "w8Fz3QmYt6RbN1xKd9LvC4sHj7PgAe2U",
    "admin_password": "a long enough password",
}
"""A valid value for each file that a pod mounts."""


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize("version", VERSIONS)
def test_every_resource_has_the_schema_of_kubernetes(folder: str, version: str, render: Render) -> None:
    checked = 0
    for resource in render(folder):
        if resource["kind"] not in CUSTOM:
            kubernetes_validate.validate(resource, version, strict=True)
            checked += 1
    assert checked


def test_unknown_properties_are_rejected(render: Render) -> None:
    deployment = copy.deepcopy(named(render("overlays/production"), "Deployment", "api"))
    deployment["spec"]["replica"] = 3
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(deployment, VERSIONS[-1], strict=True)


@pytest.mark.parametrize("folder", FOLDERS)
def test_pods_are_restricted(folder: str, render: Render) -> None:
    found = workloads(render(folder))
    assert found
    assert {each["metadata"]["name"]: pod_faults(pod(each)) for each in found if pod_faults(pod(each))} == {}


def _set(*path: str | int, value: Any) -> Callable[[Resource], None]:
    def change(spec: Resource) -> None:
        target: Any = spec
        for key in path[:-1]:
            target = target[key]
        target[path[-1]] = value

    return change


_RESTRICTIONS = {
    "host network": _set("hostNetwork", value=True),
    "token": _set("automountServiceAccountToken", value=None),
    "service links": _set("enableServiceLinks", value=True),
    "host path": _set("volumes", 0, value={"name": "tmp", "hostPath": {"path": "/"}}),
    "root": _set("securityContext", "runAsNonRoot", value=False),
    "no user": _set("securityContext", "runAsUser", value=0),
    "no seccomp": _set("securityContext", "seccompProfile", value={"type": "Unconfined"}),
    "escalation": _set("initContainers", 0, "securityContext", "allowPrivilegeEscalation", value=True),
    "privileged": _set("containers", 0, "securityContext", "privileged", value=True),
    "capability": _set(
        "containers", 0, "securityContext", "capabilities", value={"drop": ["ALL"], "add": ["NET_RAW"]}
    ),
    "writable root": _set("containers", 0, "securityContext", "readOnlyRootFilesystem", value=False),
    "host port": _set("containers", 0, "ports", value=[{"containerPort": 8000, "hostPort": 8000}]),
    "no resources": _set("initContainers", 0, "resources", value={}),
    "root in a container": _set("initContainers", 0, "securityContext", "runAsNonRoot", value=False),
}


@pytest.mark.parametrize("restriction", _RESTRICTIONS)
def test_each_lifted_restriction_is_found(restriction: str, render: Render) -> None:
    spec = copy.deepcopy(pod(named(render("overlays/production"), "Deployment", "api")))
    _RESTRICTIONS[restriction](spec)
    assert pod_faults(spec)


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_environment_of_each_container_is_a_valid_configuration(
    folder: str, render: Render, tmp_path: Path
) -> None:
    resources = render(folder)
    settings = {each["metadata"]["name"]: each.get("data", {}) for each in kind(resources, "ConfigMap")}
    for name, value in SECRETS.items():
        (tmp_path / name).write_text(value)
    read = 0
    for workload in workloads(resources):
        for container in containers(pod(workload)):
            if not container["image"].endswith(("credit-scoring:latest", "credit-scoring:0.1.0")):
                continue
            environment = {}
            for source in container.get("envFrom", []):
                environment |= settings[source["configMapRef"]["name"]]
            environment |= {each["name"]: each["value"] for each in container["env"]}
            mounted = "/run/secrets/scoring/"
            environment = {key: value.replace(mounted, f"{tmp_path}/") for key, value in environment.items()}
            needed = ("database_url", "redis_url") if "serve" in container["args"] else ("database_url",)
            read_settings(environment, required=needed)
            read += 1
    assert read


@pytest.mark.parametrize("folder", FOLDERS)
def test_variables_of_services_would_not_be_read_as_settings(folder: str, render: Render) -> None:
    """Kubernetes names variables after Services: a Service scoring-api would set SCORING_API_PORT=tcp://..."""
    names = [each["metadata"]["name"].upper().replace("-", "_") for each in kind(render(folder), "Service")]
    assert [name for name in names if name.startswith("SCORING")] == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_mounted_secrets_are_documented_with_their_keys(folder: str, render: Render) -> None:
    readme = (KUBERNETES / "README.md").read_text()
    references = _mounted_secrets(render(folder))
    assert references
    assert [each for each in sorted(references) if not all(f"`{part}`" in readme for part in each)] == []


def test_the_documented_commands_create_every_secret_that_development_mounts(
    render: Render, tmp_path: Path
) -> None:
    """The commands of README.md, with a kubectl that prints what it would create."""
    mounted = _mounted_secrets(render("overlays/development") + render("overlays/development/migration"))
    readme = (KUBERNETES / "README.md").read_text()
    commands = re.search(r"^deploy/make-secrets .*?^cd \.\./\.\.$", readme, re.MULTILINE | re.DOTALL)
    assert commands
    shutil.copytree(PROJECT / "deploy", tmp_path / "deploy")
    kubectl = 'kubectl() { [ "$1" = apply ] || { command kubectl "$@" --dry-run=client -o yaml && echo ---; }; }'
    script = f"set -e\n{kubectl}\n{commands[0]}"
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    created = {
        (secret["metadata"]["name"], key)
        for secret in yaml.safe_load_all(done.stdout[done.stdout.index("apiVersion") :])
        if secret
        for key in secret["data"]
    }
    assert mounted
    assert sorted(mounted - created) == []


def _mounted_secrets(resources: list[Resource]) -> set[tuple[str, str]]:
    """The names and keys of the secrets that pods mount."""
    found = set()
    for volume in (volume for workload in workloads(resources) for volume in pod(workload)["volumes"]):
        for source in volume.get("projected", {}).get("sources", []):
            found |= {(source["secret"]["name"], item["key"]) for item in source["secret"]["items"]}
        if "secret" in volume:
            found |= {(volume["secret"]["secretName"], item["key"]) for item in volume["secret"]["items"]}
    return found


@pytest.mark.parametrize("folder", FOLDERS)
def test_each_secret_file_of_a_container_is_mounted(folder: str, render: Render) -> None:
    for workload in workloads(render(folder)):
        mounted = {
            item["path"]
            for volume in pod(workload)["volumes"]
            for source in volume.get("projected", {}).get("sources", [])
            for item in source["secret"]["items"]
        }
        for container in containers(pod(workload)):
            files = {
                Path(each["value"]).name for each in container.get("env", []) if each["name"].endswith("_FILE")
            }
            assert files <= mounted, workload["metadata"]["name"]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_selectors_and_ports_lead_to_pods(overlay: str, render: Render) -> None:
    resources = render(f"overlays/{overlay}")
    pods = [template(each) for each in workloads(resources)]

    def ports(selector: Resource) -> set[str]:
        found = [each for each in pods if selects(selector, each["metadata"]["labels"])]
        assert found, f"no pod matches {selector}"
        return {port["name"] for each in found for port in each["spec"]["containers"][0].get("ports", [])}

    for service in kind(resources, "Service"):
        offered = ports({"matchLabels": service["spec"]["selector"]})
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= offered
    for budget in kind(resources, "PodDisruptionBudget"):
        ports(budget["spec"]["selector"])
    for policy in kind(resources, "NetworkPolicy"):
        offered = ports(policy["spec"]["podSelector"])
        for rule in policy["spec"].get("ingress", []):
            assert all(port["port"] in offered or isinstance(port["port"], int) for port in rule["ports"])
    for monitor in kind(resources, "PodMonitor"):
        assert {each["port"] for each in monitor["spec"]["podMetricsEndpoints"]} <= ports(
            monitor["spec"]["selector"]
        )
    for autoscaler in kind(resources, "HorizontalPodAutoscaler"):
        target = autoscaler["spec"]["scaleTargetRef"]
        assert "replicas" not in named(resources, target["kind"], target["name"])["spec"]
    for ingress in kind(resources, "Ingress"):
        for rule in ingress["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                named(resources, "Service", path["backend"]["service"]["name"])


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_everything_is_denied_that_no_policy_allows(overlay: str, render: Render) -> None:
    policies = kind(render(f"overlays/{overlay}"), "NetworkPolicy")
    denied = [each["spec"] for each in policies if each["spec"]["podSelector"] == {}]
    assert {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]} in denied
    # A rule without peers would allow the whole world.
    for policy in policies:
        rules = [(rule, "from") for rule in policy["spec"].get("ingress", [])]
        rules += [(rule, "to") for rule in policy["spec"].get("egress", [])]
        assert all(rule.get(peers) and rule.get("ports") for rule, peers in rules), policy["metadata"]["name"]


def test_pods_reach_only_what_they_need(render: Render) -> None:
    resources = render("overlays/development") + render("overlays/development/migration")
    pods = {
        template(each)["metadata"]["labels"].get(
            "app.kubernetes.io/component", each["metadata"]["name"]
        ): template(each)
        for each in workloads(resources)
    }
    ports = {"postgres": "postgres", "redis": "redis", "api": "http", "web": "http"}
    reached = {
        (source, target)
        for source in pods
        for target, port in ports.items()
        if source != target and may_connect(resources, pods[source], pods[target], port)
    }
    database = {(source, "postgres") for source in ("api", "web", "worker", "migration")}
    assert reached == database | {("api", "redis"), ("web", "redis")}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_pods_have_time_to_stop(overlay: str, render: Render) -> None:
    """The times of docs/operations.md: drain period and eight seconds; 20 seconds for a worker."""
    resources = render(f"overlays/{overlay}")
    (settings,) = (each["data"] for each in kind(resources, "ConfigMap") if "SCORING_HOST" in each["data"])
    grace = {
        name: pod(named(resources, "Deployment", name))["terminationGracePeriodSeconds"]
        for name in ("api", "web", "worker")
    }
    (web,) = pod(named(resources, "Deployment", "web"))["containers"]
    *_, hook = web["lifecycle"]["preStop"]["exec"]["command"]
    assert grace["api"] >= int(settings["SCORING_DRAIN_SECONDS"]) + 8
    assert grace["web"] >= int(hook) + 8
    assert grace["worker"] >= 20


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_pods_wait_for_the_migration_of_their_own_image(overlay: str, render: Render) -> None:
    (job,) = kind(render(f"overlays/{overlay}/migration"), "Job")
    (migration,) = containers(pod(job))
    assert migration["args"] == ["migrate"]
    for name in ("api", "web", "worker"):
        first, serving = containers(pod(named(render(f"overlays/{overlay}"), "Deployment", name)))
        assert first["args"][:2] == ["migrate", "--check"]
        assert first["image"] == serving["image"] == migration["image"]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_containers_that_serve_have_every_probe_on_a_port_they_open(overlay: str, render: Render) -> None:
    for name in ("api", "web", "worker"):
        (container,) = pod(named(render(f"overlays/{overlay}"), "Deployment", name))["containers"]
        opened = {port["name"] for port in container["ports"]}
        assert {
            container[probe]["httpGet"]["port"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")
        } <= opened


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_api_verifies_the_audit_trail_itself(overlay: str, render: Render) -> None:
    """Nothing is scheduled, and no setting turns the daily verification off."""
    resources = render(f"overlays/{overlay}")
    assert kind(resources, "CronJob") == []
    api = pod(named(resources, "Deployment", "api"))
    variables = {variable["name"] for each in containers(api) for variable in each.get("env", [])}
    assert "SCORING_DATABASE_URL_FILE" in variables
    assert "SCORING_AUDIT_VERIFICATION_HOURS" not in variables


def test_production_names_the_version_of_its_image(render: Render) -> None:
    images = {each["image"] for item in workloads(render("overlays/production")) for each in containers(pod(item))}
    assert images
    assert [image for image in images if ":" not in image or image.endswith(":latest")] == []


def test_production_is_spread_encrypted_and_sticky(render: Render) -> None:
    resources = render("overlays/production")
    assert named(resources, "HorizontalPodAutoscaler", "api")["spec"]["minReplicas"] >= 2
    assert {each["type"] for each in named(resources, "HorizontalPodAutoscaler", "api")["spec"]["metrics"]} == {
        "Resource",
        "Pods",
    }
    for name in ("web", "worker"):
        assert named(resources, "Deployment", name)["spec"]["replicas"] >= 2
    for name in ("api", "web", "worker"):
        keys = {
            each["topologyKey"] for each in pod(named(resources, "Deployment", name))["topologySpreadConstraints"]
        }
        assert keys == {"topology.kubernetes.io/zone", "kubernetes.io/hostname"}
    for ingress in kind(resources, "Ingress"):
        hosts = {rule["host"] for rule in ingress["spec"]["rules"]}
        assert hosts == {host for tls in ingress["spec"]["tls"] for host in tls["hosts"]}
    assert "haproxy.org/cookie-persistence" in named(resources, "Ingress", "web")["metadata"]["annotations"]
    assert named(resources, "Service", "web")["spec"]["sessionAffinity"] == "ClientIP"


def test_the_alert_rules_are_those_of_prometheus(render: Render) -> None:
    generated = (KUBERNETES / "components" / "monitoring" / "prometheus-rule.yaml").read_text()
    assert generated == prometheus_rule(), "run scripts/kubernetes-rules"
    (resource,) = kind(render("overlays/production"), "PrometheusRule")
    alerts = [rule["alert"] for group in resource["spec"]["groups"] for rule in group["rules"] if "alert" in rule]
    assert len(alerts) == len(set(alerts)) >= 10


def test_metrics_have_the_jobs_that_rules_name(render: Render) -> None:
    (monitor,) = kind(render("overlays/production"), "PodMonitor")
    (endpoint,) = monitor["spec"]["podMetricsEndpoints"]
    jobs = set()
    for component in ("api", "web", "worker"):
        for rule in endpoint["relabelings"]:
            matched = re.fullmatch(rule["regex"], component)
            if matched and rule["targetLabel"] == "job":
                jobs.add(matched.expand(rule["replacement"].replace("$", "\\")))
    named_by_rules = set(re.findall(r'absent\(up\{job="([^"]+)"', prometheus_rule()))
    assert jobs == named_by_rules == {"scoring-api", "scoring-ui", "scoring-worker"}


def test_the_database_logins_of_development_are_a_copy() -> None:
    copied = KUBERNETES / "overlays" / "development" / "postgres-logins.sh"
    assert copied.read_bytes() == (PROJECT / "deploy" / "postgres-logins.sh").read_bytes()


def test_the_query_of_the_autoscaler_is_valid(tmp_path: Path, render: Render) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed: install the Debian package prometheus")
    (rule,) = yaml.safe_load((KUBERNETES / "components/latency-autoscaling/prometheus-adapter.yaml").read_text())[
        "rules"
    ]["custom"]
    metrics = named(render("overlays/production"), "HorizontalPodAutoscaler", "api")["spec"]["metrics"]
    assert rule["name"]["as"] in {each["pods"]["metric"]["name"] for each in metrics if "pods" in each}
    query = rule["metricsQuery"]
    for placeholder, value in {
        "<<.Series>>": rule["seriesQuery"].partition("{")[0],
        "<<.LabelMatchers>>": 'namespace="credit-scoring",pod=~"api-1|api-2"',
        "<<.GroupBy>>": "pod",
    }.items():
        assert placeholder in query
        query = query.replace(placeholder, value)
    rules = tmp_path / "rules.yml"
    rules.write_text(
        yaml.safe_dump({"groups": [{"name": "adapter", "rules": [{"record": "p95", "expr": query}]}]})
    )
    done = subprocess.run([promtool, "check", "rules", rules], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
