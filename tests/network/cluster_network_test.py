#!/usr/bin/python3
"""The cluster over several hosts, with mutual TLS on every hop, while hosts and links fail.

Two replicas of every service on hosts of their own (hosts.py, cluster.py), names from DNS, four cameras that push
frames and two that are leased, and a console that is logged in and follows incidents (console_client.py). While they run

- the cable of a pose host is pulled, and plugged in again,
- a classifier host loses its power,
- fusion is upgraded, one replica after the other,
- the gateway that has the console's stream loses its power, and comes back,
- event storage is upgraded, one replica after the other,
- the gateway that has the stream loses its way to event storage, and finds it again,
- the gateway is upgraded, one replica after the other,
- an ingest host loses its power, and comes back with its disk,
- a third pose host joins.

Then every frame has been answered, every incident that a camera was told of is in event storage with every
transition, exactly once, no pushing camera was unwatched for longer than ten seconds, and no outbox lost anything. The
console has been told of every transition that is in event storage, exactly once (gateway_trouble.py), no secret is in a
log, and who is told to go ends with status 0. Certificates of another authority, expired ones and none at all are refused.

cluster_network_test.py [--keep FOLDER]: keeps logs there. Needs root, PostgreSQL, dnsmasq and MoveNet's weights, and
skips without.
"""
import argparse
import json
import os
import pathlib
import sys
import tempfile
import time

sys.dont_write_bytecode = True

import gateway_trouble
from cluster import PORTS, STAGES, Cluster, postgres_programs
from console import Console
from hosts import Authority, Network, isolate, missing, run, wait_until

ROOT = pathlib.Path(__file__).resolve().parents[2]
SKIPPED = 77
CAMERAS, FPS, LEASED_FPS, SECONDS = 4, 1, 0.5, 100
LONGEST_GAP_SECONDS = 10


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
    done = cluster.command("cameras", "list", token=False)
    assert done.returncode != 0, "a certificate without a token was let in"
    print(f"refused: no token: {done.stderr.strip().splitlines()[-1]}")


def make_trouble(cluster, console):
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

    gateway_trouble.lose_power(cluster, console, say)

    say("event storage is upgraded")
    cluster.upgrade("events", "events-1", "events-3", "events-2")
    cluster.upgrade("events", "events-2", "events-4", "events-3")
    console.await_next_event()

    gateway_trouble.part_from_event_storage(cluster, console, say, ("events-3", "events-4"))
    gateway_trouble.upgrade(cluster, console, say)

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
        cluster.start_two("events")
        cluster.create_admin()
        cluster.start_two("gateway")
        console = Console(cluster)
        console.log_in()
        for name, role in (("ingest", "ROLE_INGEST"), ("admin", "ROLE_ADMIN")):
            cluster.token_file(name).write_text(console.make_token(name, role))
        for service in (*STAGES, "ingest"):
            cluster.start_two(service)
        check_certificates(cluster, folder)
        for camera in ("leased-1", "leased-2"):
            done = cluster.command("cameras", "add", camera, f"file://{video}", "--fps", LEASED_FPS, "--loop")
            assert done.returncode == 0, done.stderr
        console.stream = console.follow()
        load = cluster.client.start(
            folder / "load.log", bin_dir / "aislewatch", "bench", "cluster", "--cameras", CAMERAS, "--fps", FPS,
            "--seconds", SECONDS, "--ingest", f"dns:///aislewatch-ingest:{PORTS['ingest']}",
            "--events", f"dns:///aislewatch-events:{PORTS['events']}", *cluster.tls(),
            f"--token-file={cluster.token_file('admin')}", "--json", folder / "report.json")
        make_trouble(cluster, console)
        assert load.running(), f"the cameras ended before the trouble did:\n{load.text()[-3000:]}"
        status = load.child.wait(SECONDS + 200)
        assert status == 0, f"the cameras ended with {status}:\n{load.text()[-3000:]}"
        check_report(cluster, json.loads((folder / "report.json").read_text()))
        gateway_trouble.check(cluster, console)
    print("streams moved, nothing told was lost, strangers were refused")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=pathlib.Path, metavar="FOLDER")
    arguments = parser.parse_args()
    bin_dir = pathlib.Path(os.environ.get("AISLEWATCH_BIN_DIR", ROOT / "build/release/bin"))
    models = [ROOT / "models/pretrained", ROOT / "build/models"]
    why = missing()
    if why is None and postgres_programs() is None:
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
