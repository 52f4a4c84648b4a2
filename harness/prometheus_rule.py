"""The alert rules of deploy/prometheus/rules/ as one PrometheusRule, for the Prometheus operator."""

import sys
from pathlib import Path

import yaml

RULES = Path(__file__).resolve().parents[1] / "deploy" / "prometheus" / "rules"
_COMMENT = "# Generated from deploy/prometheus/rules/ by scripts/kubernetes-rules. Do not edit.\n"


class _Readable(yaml.SafeDumper):
    """Writes texts of several lines as blocks."""

    def represent_text(self, text: str) -> yaml.Node:
        return self.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Readable.add_representer(str, _Readable.represent_text)


def prometheus_rule(folder: Path = RULES) -> str:
    """Return the resource as YAML, with every group of every file in the order of their names.

    Raises ValueError if there is no rule.
    """
    files = sorted(folder.glob("*.yml"))
    groups = [group for file in files for group in yaml.safe_load(file.read_text())["groups"]]
    if not groups:
        raise ValueError(f"there are no rules in {folder}")
    resource = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "credit-scoring", "labels": {"app.kubernetes.io/name": "credit-scoring"}},
        "spec": {"groups": groups},
    }
    text: str = yaml.dump(resource, Dumper=_Readable, sort_keys=False, width=1000)
    return _COMMENT + text


if __name__ == "__main__":
    sys.stdout.write(prometheus_rule())
