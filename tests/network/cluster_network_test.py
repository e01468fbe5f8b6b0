#!/usr/bin/python3
"""The cluster over several hosts, with mutual TLS on every hop, while hosts and links fail.

Two replicas of every stage on hosts of their own (hosts.py), names from DNS, four cameras that push frames and two that
are leased. While they run

- the cable of a pose host is pulled, and plugged in again,
- a classifier host loses its power,
- fusion is upgraded, one replica after the other,
- event storage is upgraded, one replica after the other,
- an ingest host loses its power, and comes back with its disk,
- a third pose host joins.

Then every frame has been answered, every incident that a camera was told of is in event storage with every
transition, exactly once, no pushing camera was unwatched for longer than ten seconds, and no outbox lost anything.
Certificates of another authority, expired ones and none at all are refused.

cluster_network_test.py [--keep FOLDER]: keeps logs there. Needs root, PostgreSQL, dnsmasq and MoveNet's weights, and
skips without.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import sys
import tempfile
import time
import urllib.request

from hosts import Authority, Network, isolate, missing, run, wait_until

ROOT = pathlib.Path(__file__).resolve().parents[2]
SKIPPED = 77
PORTS = {"ingest": 50051, "pose": 50052, "classifier": 50053, "fusion": 50054, "events": 50055}
STAGES = ("pose", "classifier", "fusion")
CAMERAS, FPS, SECONDS = 4, 1, 100
LONGEST_GAP_SECONDS = 10


class Cluster:
    def __init__(self, network, authority, folder, bin_dir, models):
        self.network, self.authority, self.folder, self.bin, self.models = network, authority, folder, bin_dir, models
        self.services = {}
        self.certificates = {name: authority.issue(f"aislewatch-{name}") for name in (*PORTS, "client")}
        self.client = network.host("client")
        self.database = self.start_postgres(network.host("db"))

    # --- hosts ---

    def start_postgres(self, host):
        data, programs = self.folder / "postgres", sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        data.mkdir()
        shutil.chown(data, "postgres", "postgres")
        as_postgres = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
        run(*as_postgres, programs / "initdb", "-D", data, "-U", "aislewatch", "-A", "trust", "-E", "UTF8", "--locale=C",
            "--no-sync", cwd="/")
        with open(data / "pg_hba.conf", "a", encoding="utf-8") as access:
            access.write("host all all 10.77.0.0/24 trust\n")
        host.start(self.folder / "postgres.log", *as_postgres, programs / "postgres", "-D", data, "-k", data,
                   "-c", f"listen_addresses={host.address}", "-c", "fsync=off")
        wait_until("PostgreSQL accepts connections", lambda: host.run(
            programs / "pg_isready", "-h", host.address, "-U", "aislewatch").returncode == 0)
        return f"host={host.address} user=aislewatch dbname=postgres"

    def flags(self, service, host):
        certificate, key = self.certificates[service]
        flags = ["--listen=0.0.0.0:%d" % PORTS[service], "--metrics-listen=0.0.0.0:9090", "--health-listen=0.0.0.0:8080",
                 f"--tls-ca={self.authority.ca}", f"--tls-certificate={certificate}", f"--tls-key={key}"]
        if service in STAGES:
            flags += [f"--model-repository={folder}" for folder in self.models]
        if service == "pose":
            # So that the third host gets streams while the test runs; 30 minutes otherwise.
            flags += ["--max-connection-age=20s", "--connection-grace=5s"]
        if service == "events":
            flags.append(f"--database={self.database}")
        if service == "ingest":
            flags += [f"--{stage}=dns:///aislewatch-{stage}:{PORTS[stage]}" for stage in (*STAGES, "events")]
            flags += [f"--dial-tls-ca={self.authority.ca}", f"--dial-tls-certificate={certificate}",
                      f"--dial-tls-key={key}", f"--outbox={self.folder}/{host.name}.sqlite", f"--replica-id={host.name}",
                      # This is about hosts and links; how fast a test machine infers is another matter.
                      "--frame-lifetime=4s"]
        return flags

    def start(self, service, *names):
        for name in names:
            host = self.network.hosts.get(name) or self.network.host(name)
            self.services[name] = host.start(self.folder / f"{name}.log", self.bin / f"aislewatch-{service}",
                                             *self.flags(service, host))
        for name in names:
            wait_until(f"{name} is ready", lambda name=name: self.ready(name), 120)

    def ready(self, name):
        if not self.services[name].running():
            raise AssertionError(f"{name} ended:\n{self.services[name].text()[-3000:]}")
        return self.client.run(self.bin / "aislewatch-health", f"{self.network.hosts[name].address}:8080").returncode == 0

    def publish(self, service, *names):
        self.network.name(f"aislewatch-{service}", *(self.network.hosts[name] for name in names))

    def upgrade(self, service, old, new, stays):
        """One step of a rolling upgrade: the new replica is ready before the old one is told to go."""
        self.start(service, new)
        self.publish(service, stays, old, new)
        self.publish(service, stays, new)
        status = self.services[old].terminate()
        assert status == 0, f"{old} ended with {status}:\n{self.services[old].text()[-3000:]}"

    # --- what is asked ---

    def tls(self, identity="client"):
        certificate, key = self.certificates[identity]
        return [f"--tls-ca={self.authority.ca}", f"--tls-certificate={certificate}", f"--tls-key={key}"]

    def command(self, *arguments, tls=None):
        return self.client.run(self.bin / "aislewatch", *arguments, "--events", f"aislewatch-events:{PORTS['events']}",
                               *(self.tls() if tls is None else tls))

    def metric(self, name, metric):
        """Sum of a metric's series on a host; 0 where it does not answer."""
        try:
            url = f"http://{self.network.hosts[name].address}:9090/metrics"
            with urllib.request.urlopen(url, timeout=3) as answer:
                text = answer.read().decode()
        except OSError:
            return 0
        return sum(float(value) for value in re.findall(rf"^{metric}(?:\{{[^}}]*\}})? (\S+)$", text, re.M))

    def streams(self, name):
        return self.metric(name, f"aislewatch_{name.split('-')[0]}_streams")

    def leased(self):
        """Frames analysed of each leased camera, and who has it."""
        lines = self.command("cameras", "list", "--json").stdout.splitlines()
        found = {}
        for line in lines:
            camera = json.loads(line)
            status = camera.get("status", {})
            found[camera["camera"]["camera_id"]] = (status.get("holder"),
                                                   int(status.get("pipeline", {}).get("frames_analysed", 0)))
        return found


def check_certificates(cluster, folder):
    """A caller is let in with a certificate of the authority alone."""
    done = cluster.command("cameras", "list")
    assert done.returncode == 0, done.stderr
    other = Authority(folder / "other")
    foreign, foreign_key = other.issue("aislewatch-client")
    expired, expired_key = cluster.authority.issue("expired", days=-1)
    ca = f"--tls-ca={cluster.authority.ca}"
    refused = {
        "no certificate": [ca],
        "another authority's certificate": [ca, f"--tls-certificate={foreign}", f"--tls-key={foreign_key}"],
        "an expired certificate": [ca, f"--tls-certificate={expired}", f"--tls-key={expired_key}"],
        "a server of another authority": [f"--tls-ca={other.ca}", *cluster.tls()[1:]],
        "plaintext": [],
    }
    for what, tls in refused.items():
        done = cluster.command("cameras", "list", tls=tls)
        assert done.returncode != 0 and done.stderr, f"{what} was let in: {done.stdout}"
        print(f"refused: {what}: {done.stderr.strip().splitlines()[-1]}")


def make_trouble(cluster):
    """What this test is for, one thing after the other, each until the cameras' streams have moved."""
    network = cluster.network

    wait_until("cameras push", lambda: cluster.streams("ingest-1") + cluster.streams("ingest-2") >= CAMERAS)
    start = time.monotonic()

    def say(what):
        print(f"{time.monotonic() - start:5.1f} s: {what}", flush=True)

    wait_until("both pose hosts have streams", lambda: cluster.streams("pose-1") and cluster.streams("pose-2"))

    say("the cable of pose-1 is pulled")
    network.hosts["pose-1"].cut()
    wait_until("every camera streams to pose-2", lambda: cluster.streams("pose-2") >= CAMERAS + 2)
    network.hosts["pose-1"].mend()

    say("classifier-1 loses its power")
    network.hosts["classifier-1"].die()
    wait_until("every camera streams to classifier-2", lambda: cluster.streams("classifier-2") >= CAMERAS + 2)

    say("fusion is upgraded")
    cluster.upgrade("fusion", "fusion-1", "fusion-3", "fusion-2")
    cluster.upgrade("fusion", "fusion-2", "fusion-4", "fusion-3")
    wait_until("every camera streams to the new fusion",
               lambda: cluster.streams("fusion-3") + cluster.streams("fusion-4") >= CAMERAS + 2)

    say("event storage is upgraded")
    cluster.upgrade("events", "events-1", "events-3", "events-2")
    cluster.upgrade("events", "events-2", "events-4", "events-3")

    say("a third pose host joins")
    cluster.start("pose", "pose-3")
    cluster.publish("pose", "pose-1", "pose-2", "pose-3")
    wait_until("the third pose host gets streams", lambda: cluster.streams("pose-3"))

    # Whoever connects first gets every stream of a client, so it is not known which one has them.
    victim, other = sorted(("ingest-1", "ingest-2"), key=cluster.streams, reverse=True)
    say(f"{victim} loses its power, with {cluster.streams(victim):g} pushing cameras")
    before = cluster.leased()
    network.hosts[victim].die()
    cluster.publish("ingest", other)
    wait_until(f"every pushing camera streams to {other}", lambda: cluster.streams(other) >= CAMERAS)
    say(f"pushing cameras are at {other}")
    wait_until(f"leased cameras go on at {other}", lambda: all(
        holder == other and (frames > 0 if before[camera][0] == victim else frames > before[camera][1])
        for camera, (holder, frames) in cluster.leased().items()), 30)
    say(f"all of its cameras are at {other}; it comes back with its disk")
    network.hosts[victim].mend()
    cluster.start("ingest", victim)
    cluster.publish("ingest", "ingest-1", "ingest-2")


def check_report(cluster, report):
    frames, records = report["frames"], report["records"]
    print(json.dumps({"frames": frames, "records": records, "longest_gap": report["longest_gap"],
                      "degraded_frames": report["degraded_frames"], "latency_s": report["latency_s"]}))
    faults = []
    if frames["sent"] != frames["answered"]:
        faults.append(f"{frames['sent']} frames were sent, {frames['answered']} answered")
    if not records["incidents_told"]:
        faults.append("no incident was told of, so nothing was tried")
    if records["incidents_told"] != records["incidents_recorded"]:
        faults.append(f"{records['incidents_told']} incidents told, {records['incidents_recorded']} recorded")
    if records["duplicates"]:
        faults.append(f"{records['duplicates']} duplicates")
    if report["longest_gap"]["seconds"] > LONGEST_GAP_SECONDS:
        faults.append(f"a camera was not watched for {report['longest_gap']['seconds']:.1f} s")
    for name in ("ingest-1", "ingest-2"):
        for metric in ("outbox_lost_items_total", "outbox_dead_letters_total"):
            if lost := cluster.metric(name, f"aislewatch_ingest_{metric}"):
                faults.append(f"{name}: {metric} {lost:g}")
    assert not faults, "; ".join(faults)


def check(folder, bin_dir, models):
    isolate()
    video = folder / "store.mp4"
    run(bin_dir / "aislewatch", "simulate", "--seed", 2000001, "--seconds", 20, "--fps", FPS, "--out", video)
    with Network(folder) as network:
        cluster = Cluster(network, Authority(folder / "ca"), folder, bin_dir, models)
        for service in ("events", *STAGES, "ingest"):
            cluster.start(service, f"{service}-1", f"{service}-2")
            cluster.publish(service, f"{service}-1", f"{service}-2")
        check_certificates(cluster, folder)
        for camera in ("leased-1", "leased-2"):
            done = cluster.command("cameras", "add", camera, f"file://{video}", "--fps", FPS, "--loop")
            assert done.returncode == 0, done.stderr
        load = cluster.client.start(
            folder / "load.log", bin_dir / "aislewatch", "bench", "cluster", "--cameras", CAMERAS, "--fps", FPS,
            "--seconds", SECONDS, "--ingest", f"dns:///aislewatch-ingest:{PORTS['ingest']}",
            "--events", f"dns:///aislewatch-events:{PORTS['events']}", *cluster.tls(), "--json", folder / "report.json")
        make_trouble(cluster)
        assert load.running(), f"the cameras ended before the trouble did:\n{load.text()[-3000:]}"
        status = load.child.wait(SECONDS + 200)
        assert status == 0, f"the cameras ended with {status}:\n{load.text()[-3000:]}"
        check_report(cluster, json.loads((folder / "report.json").read_text()))
    print("streams moved, nothing told was lost, strangers were refused")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=pathlib.Path, metavar="FOLDER")
    arguments = parser.parse_args()
    bin_dir = pathlib.Path(os.environ.get("AISLEWATCH_BIN_DIR", ROOT / "build/release/bin"))
    models = [ROOT / "models/pretrained", ROOT / "build/models"]
    why = missing()
    if why is None and not list(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        why = "PostgreSQL is not installed"
    if why is None and not (models[1] / "movenet-multipose").exists():
        why = "MoveNet's weights are not there; scripts/fetch-models fetches them"
    if why is not None:
        print(f"skipped: {why}")
        sys.exit(SKIPPED)
    if arguments.keep:
        arguments.keep.mkdir(parents=True, exist_ok=True)
        check(arguments.keep.resolve(), bin_dir, models)
        return
    with tempfile.TemporaryDirectory(prefix="aislewatch-network-") as folder:
        os.chmod(folder, 0o755)
        check(pathlib.Path(folder), bin_dir, models)


if __name__ == "__main__":
    main()
