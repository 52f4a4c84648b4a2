"""The dashboards as Python data; `scripts/dashboards` writes the JSON that Grafana reads."""
