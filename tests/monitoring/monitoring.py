"""What the tests of deploy/prometheus and deploy/grafana share: reading both."""
import itertools
import json
import os
import pathlib
import re
import sys

import yaml

ROOT = pathlib.Path(os.environ.get("AISLEWATCH_SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2]))
PROMETHEUS = ROOT / "deploy/prometheus"
DASHBOARDS = ROOT / "deploy/grafana/dashboards"
RUNBOOKS = ROOT / "docs/runbooks"

# What ctest takes for "skipped" (SKIP_RETURN_CODE in CMakeLists.txt).
SKIPPED = 77


def skip(why):
    print(f"SKIPPED: {why}")
    sys.exit(SKIPPED)


def finish(faults, passed):
    """Ends the program: with the faults, or with what was found right."""
    for fault in faults:
        print(f"FAULT: {fault}")
    if faults:
        sys.exit(f"{len(faults)} faults")
    print(passed)


def rules():
    """Every rule of rules/*.yaml, as Prometheus' own YAML has it."""
    for file in sorted((PROMETHEUS / "rules").glob("*.yaml")):
        for group in yaml.safe_load(file.read_text())["groups"]:
            yield from group["rules"]


def dashboards():
    """The dashboards by file name."""
    return {file.name: json.loads(file.read_text()) for file in sorted(DASHBOARDS.glob("*.json"))}


def panels(dashboard):
    """Its panels without rows, those in closed rows too."""
    for panel in dashboard["panels"]:
        yield from panel.get("panels", [])
        if panel["type"] != "row":
            yield panel


def queries(dashboard):
    """(panel title, query) of a dashboard, once for each choice that its variables offer."""
    fixed = {"__rate_interval": ["1m"], "__interval": ["15s"], "__range": ["1h"]}
    variables = {**fixed, **{v["name"]: choices(v) for v in dashboard["templating"]["list"]
                             if v["type"] != "datasource"}}
    for panel in panels(dashboard):
        for target in panel["targets"]:
            used = [name for name in variables if re.search(rf"\$(\{{{name}\}}|{name}\b)", target["expr"])]
            for values in itertools.product(*(variables[name] for name in used)):
                expr = target["expr"]
                for name, value in zip(used, values):
                    expr = re.sub(rf"\$(\{{{name}\}}|{name}\b)", value, expr)
                yield panel["title"], expr


def choices(variable):
    if variable["type"] == "custom":
        return variable["query"].split(",")
    return [variable["allValue"]]  # A list of instances: All stands for each of them.


def runbook_queries():
    """(page, query) of the runbooks' `promtool query instant $PROM '...'`."""
    for page in sorted(RUNBOOKS.glob("*.md")):
        for expr in re.findall(r"promtool query instant \$PROM '([^']*)'", page.read_text()):
            yield page.name, expr


def metric_names(expr):
    """Names of our metrics and recording rules in a query."""
    return set(re.findall(r"\baislewatch[_:][a-z0-9_:]+", re.sub(r'"[^"]*"', '""', expr)))


def base_name(name):
    """A histogram's name, of that of its series."""
    return re.sub(r"_(bucket|sum|count)$", "", name)
