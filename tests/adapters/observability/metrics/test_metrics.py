"""The operations guide lists every metric."""

import re

from adapters.observability.metrics.batch_metrics import BatchMetrics
from adapters.observability.metrics.metrics import Metrics
from support.paths import PROJECT


def test_the_operations_guide_lists_every_metric() -> None:
    metrics = Metrics()
    BatchMetrics(metrics.registry)
    families = [family for family in metrics.registry.collect() if family.name.startswith("scoring_")]
    exposed = {family.name + ("_total" if family.type == "counter" else "") for family in families}
    section = (PROJECT / "docs" / "operations.md").read_text().split("\n## Metrics\n")[1].split("\n## ")[0]
    documented = re.findall(r"^\| `(scoring_[a-z_]+)` \|", section, re.M)
    assert sorted(exposed) == sorted(documented)
