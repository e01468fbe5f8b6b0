#!/usr/bin/python3
"""Rules and dashboards against a real Prometheus that scrapes a real cluster.

Starts `aislewatch up` with a simulated camera and one that does not exist, an open console and a receiver of
webhooks (people.py), and Debian's Prometheus with deploy/prometheus, waits for incidents, then checks that

- every metric that a rule or a dashboard asks for is exported,
- every rule is evaluated without an error, and the camera that does not exist is about to be alerted,
- every query of every dashboard returns data, whatever its variables are set to,
- every query of KEDA and of prometheus-adapter in k8s/components does, with the labels that pods have,
- every query of a runbook is one.

live_test.py [--keep FOLDER]: keeps logs and data there. Needs PostgreSQL, prometheus and MoveNet's
weights, and skips without. Takes one to three minutes.
"""
import argparse
import json
import math
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request

import autoscaling
import monitoring
import people
import yaml

# From when Prometheus scrapes, until every query has data.
DEADLINE_SECONDS = 240

# What has nothing to show in a healthy run without pushed frames, and why.
NO_PUSHES = "no store system pushes frames in this run"
MAY_BE_EMPTY = {
    ("service.json", "Time per item", "aislewatch_ingest_item_seconds_bucket"): NO_PUSHES,
}
# Series that begin with their first event.
MAY_BE_UNKNOWN = {
    "aislewatch_fusion_suppressed_total": "begins when a rule is held back for the first time",
}

CAMERAS = """\
store_id: store
cameras:
  - camera_id: simulated
    source_url: {video}
    loop: true
    analysis_fps: 1
    analysis_size: 256
    rules: [{{rule_id: loitering, kind: loitering, min_duration: 2s}}]
  - camera_id: silent
    source_url: rtsp://127.0.0.1:1/nothing
"""


class Process:
    """A child with its log, ended at the latest when the test ends."""

    def __init__(self, log, command, **options):
        self.log = log
        with open(log, "w", encoding="utf-8") as out:
            self.child = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, **options)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.send_signal(signal.SIGINT)
        try:
            self.child.wait(60)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()

    def text(self):
        return self.log.read_text(encoding="utf-8", errors="replace")

    def await_line(self, pattern, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if found := re.search(pattern, self.text()):
                return found
            if self.child.poll() is not None:
                break
            time.sleep(0.2)
        raise SystemExit(f"no /{pattern}/ in {self.log}:\n{self.text()[-3000:]}")


class Prometheus:
    """Its HTTP API."""

    def __init__(self, address):
        self.base = f"http://{address}/api/v1/"

    def get(self, path, **parameters):
        url = self.base + path + "?" + urllib.parse.urlencode(parameters)
        try:
            with urllib.request.urlopen(url, timeout=20) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise ValueError(json.load(error)["error"]) from error

    def has_data(self, expr):
        data = self.get("query", query=expr)
        samples = [data["result"][1]] if data["resultType"] == "scalar" else [r["value"][1] for r in data["result"]]
        return any(not math.isnan(float(sample)) for sample in samples)


def configure(folder, data):
    """deploy/prometheus with this run's targets and the labels of pods, and with every interval at one second."""
    shutil.copytree(monitoring.PROMETHEUS / "rules", folder / "rules")
    for file in (folder / "rules").iterdir():
        content = yaml.safe_load(file.read_text())
        for group in content["groups"]:
            group["interval"] = "1s"
        file.write_text(yaml.safe_dump(content, sort_keys=False))
    config = yaml.safe_load((monitoring.PROMETHEUS / "prometheus.yaml").read_text())
    config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    for scrape in config["scrape_configs"]:
        scrape["relabel_configs"] = autoscaling.RELABEL
    (folder / "prometheus.yaml").write_text(yaml.safe_dump(config))
    subprocess.run([monitoring.PROMETHEUS / "write-targets", data, "-o", folder / "targets/local.json"], check=True)


def http_port(data):
    ports = dict(line.split("=") for line in (data / "run/gateway.ports").read_text().splitlines())
    return ports["http"]


def dashboard_queries():
    return [(file, title, expr) for file, dashboard in monitoring.dashboards().items()
            for title, expr in monitoring.queries(dashboard)]


def empty_queries(prometheus, queries):
    """Those without data, and those that Prometheus refuses."""
    empty = []
    for file, title, expr in queries:
        try:
            if not prometheus.has_data(expr):
                empty.append((file, title, expr, "no data"))
        except ValueError as error:
            empty.append((file, title, expr, str(error)))
    return empty


def excused(file, title, expr):
    return any((file, title) == key[:2] and key[2] in expr for key in MAY_BE_EMPTY)


def rule_faults(prometheus):
    for group in prometheus.get("rules")["groups"]:
        for rule in group["rules"]:
            if rule["health"] != "ok":
                yield f"rule {rule['name']} is {rule['health']}: {rule.get('lastError', '')}"
    if not prometheus.has_data('ALERTS{alertname="AislewatchCameraOffline"}'):
        yield "the camera that does not exist raises no AislewatchCameraOffline"


def runbook_faults(prometheus):
    """What a runbook asks may have no answer in a healthy cluster, but must be a query."""
    for page, expr in monitoring.runbook_queries():
        try:
            prometheus.get("query", query=expr)
        except ValueError as error:
            yield f"docs/runbooks/{page}: {error}: {expr}"


def metric_faults(prometheus, queries):
    exported = set(prometheus.get("label/__name__/values"))
    wanted = {name for _, _, expr in queries for name in monitoring.metric_names(expr)}
    wanted |= {name for rule in monitoring.rules() for name in monitoring.metric_names(rule["expr"])}
    for name in sorted(wanted - exported - set(MAY_BE_UNKNOWN)):
        yield f"no service exports {name}"
    print(f"{len(wanted)} metrics and recorded series are asked for; "
          f"not exported in this run: {sorted(wanted - exported) or 'none'}")
    unused = {monitoring.base_name(name) for name in exported if name.startswith("aislewatch_")}
    unused -= {monitoring.base_name(name) for name in wanted}
    print(f"exported and asked for by nobody: {sorted(unused) or 'none'}")


def check(prometheus):
    deadline = time.monotonic() + DEADLINE_SECONDS
    queries = dashboard_queries()
    while True:
        empty = [fault for fault in empty_queries(prometheus, queries) if not excused(*fault[:3])]
        unscaled = list(autoscaling.faults(prometheus))
        if not (empty or unscaled) or time.monotonic() > deadline:
            break
        time.sleep(3)
    print(f"{len(queries)} queries of {len(monitoring.dashboards())} dashboards; "
          f"{sum(excused(*query) for query in queries)} may be empty: {'; '.join(sorted(set(MAY_BE_EMPTY.values())))}")
    faults = [f"{file}, \"{title}\": {why}: {expr}" for file, title, expr, why in empty]
    faults += unscaled
    faults += rule_faults(prometheus)
    faults += runbook_faults(prometheus)
    faults += metric_faults(prometheus, queries)
    monitoring.finish(faults, f"every dashboard has data, every rule is evaluated, {autoscaling.count()} questions of autoscalers are answered")


def require(bin_dir):
    if shutil.which("prometheus") is None:
        monitoring.skip("prometheus is not installed (Debian package prometheus)")
    if not (bin_dir / "aislewatch").exists():
        monitoring.skip(f"{bin_dir} has no aislewatch; build it first")
    if os.environ.get("AISLEWATCH_MODEL_REPOSITORY") is None and not (
            monitoring.ROOT / "build/models/movenet-multipose").exists():
        monitoring.skip("MoveNet's weights are missing; run scripts/fetch-models")


def run(folder, bin_dir):
    video = folder / "store.mp4"
    subprocess.run([bin_dir / "aislewatch", "simulate", "--seed", "2000000", "--seconds", "20", "--fps", "5",
                    "--size", "448x256", "--out", video], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    (folder / "cameras.yaml").write_text(CAMERAS.format(video=video))
    data = folder / "data"
    up = [bin_dir / "aislewatch", "up", "--config", folder / "cameras.yaml", "--data-dir", data, "--for", "10m",
          "--http-listen", "127.0.0.1:0",
          "--service-flag", "events:--webhooks-allow-http", "--service-flag", "events:--webhooks-allow-private"]
    with Process(folder / "up.log", up) as cluster:
        cluster.await_line(r"Ctrl-C stops", 300)
        configure(folder, data)
        command = ["prometheus", f"--config.file={folder / 'prometheus.yaml'}",
                   f"--storage.tsdb.path={folder / 'tsdb'}", "--web.listen-address=127.0.0.1:0"]
        with Process(folder / "prometheus.log", command) as server:
            address = server.await_line(r'msg="Listening on" address=(\S+)', 30).group(1)
            server.await_line(r"Server is ready to receive", 30)
            with people.People(f"127.0.0.1:{http_port(data)}"):
                check(Prometheus(address))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=pathlib.Path)
    keep = parser.parse_args().keep
    bin_dir = pathlib.Path(os.environ.get("AISLEWATCH_BIN_DIR", monitoring.ROOT / "build/release/bin"))
    require(bin_dir)
    if keep is not None:
        keep.mkdir(parents=True)
        return run(keep.resolve(), bin_dir)
    with tempfile.TemporaryDirectory(prefix="aislewatch-monitoring-") as folder:
        # PostgreSQL, which does not run as root, must reach its data in it.
        os.chmod(folder, 0o755)
        return run(pathlib.Path(folder), bin_dir)


if __name__ == "__main__":
    main()
