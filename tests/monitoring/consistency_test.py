#!/usr/bin/python3
"""Alerts, their cases, their runbooks, dashboards and the metrics in the sources belong together."""
import re

import autoscaling
import monitoring
import yaml


def alert_faults(alerts):
    for alert in alerts:
        name = alert["alert"]
        if not re.fullmatch(r"Aislewatch[A-Za-z]+", name):
            yield f"{name}: names of alerts begin with Aislewatch"
        if alert["labels"].get("severity") not in ("critical", "warning"):
            yield f"{name}: severity must be critical or warning"
        for key in ("summary", "description"):
            if not alert["annotations"].get(key):
                yield f"{name}: has no {key}"
        # Labels that the rule itself adds are not known to its annotations; they would be empty.
        used = set(re.findall(r"\$labels\.(\w+)", " ".join(alert["annotations"].values())))
        for label in used & set(alert["labels"]):
            yield f"{name}: an annotation uses the label {label}, which the rule itself adds"
        if alert["annotations"].get("runbook_url") != f"docs/runbooks/{name}.md":
            yield f"{name}: runbook_url must be docs/runbooks/{name}.md"


def case_faults(names):
    """Every alert has a case in which it fires and one in which it stays quiet."""
    fires, quiet = set(), set()
    for file in (monitoring.PROMETHEUS / "tests").glob("*.yaml"):
        for test in yaml.safe_load(file.read_text())["tests"]:
            for case in test.get("alert_rule_test", []):
                (fires if case["exp_alerts"] else quiet).add(case["alertname"])
    for name in sorted(names):
        if name not in fires:
            yield f"{name}: no case in deploy/prometheus/tests in which it fires"
        if name not in quiet:
            yield f"{name}: no case in deploy/prometheus/tests in which it stays quiet"
    for name in sorted((fires | quiet) - names):
        yield f"{name}: deploy/prometheus/tests has a case, but there is no such alert"


def runbook_faults(names):
    pages = {page.stem: page.read_text() for page in monitoring.RUNBOOKS.glob("*.md") if page.stem != "README"}
    index = (monitoring.RUNBOOKS / "README.md").read_text()
    for name in sorted(names - set(pages)):
        yield f"{name}: has no page docs/runbooks/{name}.md"
    for name in sorted(set(pages) - names):
        yield f"docs/runbooks/{name}.md: there is no such alert"
    for name in sorted(names & set(pages)):
        if f"({name}.md)" not in index:
            yield f"docs/runbooks/README.md does not list {name}"
        for heading in ("## What staff notice", "## Find out", "## Fix", "## Silence"):
            if heading not in pages[name]:
                yield f"docs/runbooks/{name}.md: lacks \"{heading}\""


def dashboard_faults(dashboards):
    uids = [dashboard["uid"] for dashboard in dashboards.values()]
    for name, dashboard in dashboards.items():
        if dashboard["uid"] != "aislewatch-" + name.removesuffix(".json") or uids.count(dashboard["uid"]) != 1:
            yield f"{name}: uid must be aislewatch-{name.removesuffix('.json')}"
        if "id" in dashboard:
            yield f"{name}: has an id, which belongs to the Grafana it was exported from; remove it"
        ids = [panel["id"] for panel in dashboard["panels"]]
        if len(ids) != len(set(ids)):
            yield f"{name}: two panels have the same id"
        for panel in monitoring.panels(dashboard):
            where = f"{name}, \"{panel['title']}\""
            if not panel.get("description"):
                yield f"{where}: has no description"
            if panel["type"] != "heatmap" and not panel["fieldConfig"]["defaults"].get("unit"):
                yield f"{where}: has no unit"
            if panel["datasource"]["uid"] != "${datasource}":
                yield f"{where}: must use the variable ${{datasource}}"


def metric_faults(queries):
    """Every metric in a query stands in the sources, whole or as a suffix that a stage's name precedes."""
    whole, suffixes = set(), set()
    for folder in ("common", "services"):
        for file in (monitoring.ROOT / folder).rglob("*"):
            if file.suffix in (".cc", ".h") and not file.stem.endswith("_test"):
                text = file.read_text()
                whole |= set(re.findall(r'"(aislewatch_[a-z]+_[a-z_]+)"', text))
                suffixes |= set(re.findall(r'"(_[a-z]+_?[a-z_]+)"', text))
    known = whole | {f"aislewatch_{service}{suffix}" for service in ("ingest", "pose", "classifier", "fusion")
                     for suffix in suffixes}
    known |= {rule["record"] for rule in monitoring.rules() if "record" in rule}
    for where, expr in queries:
        for name in sorted(monitoring.metric_names(expr)):
            if name not in known and monitoring.base_name(name) not in known:
                yield f"{where}: no source exports {name}"


def main():
    rules = list(monitoring.rules())
    alerts = [rule for rule in rules if "alert" in rule]
    names = {alert["alert"] for alert in alerts}
    dashboards = monitoring.dashboards()
    queries = [(rule.get("alert") or rule.get("record"), rule["expr"]) for rule in rules]
    queries += [(f"{name}, \"{title}\"", expr) for name, dashboard in dashboards.items()
                for title, expr in monitoring.queries(dashboard)]
    queries += list(monitoring.runbook_queries())
    queries += [(f"k8s/components/keda, {name}", expr) for name, expr in autoscaling.keda_queries()]
    faults = [*alert_faults(alerts), *case_faults(names), *runbook_faults(names), *dashboard_faults(dashboards),
              *metric_faults(queries)]
    monitoring.finish(faults, f"{len(names)} alerts, {len(dashboards)} dashboards and {len(queries)} queries belong together")


if __name__ == "__main__":
    main()
