#!/usr/bin/python3
"""The cluster over several hosts, with mutual TLS on every hop, while hosts and links fail.

Two replicas of every service on hosts of their own (hosts.py, cluster.py), names from DNS, four cameras that push
frames and two that are leased, and a console that is logged in and follows incidents (console_client.py). While they run

- the cable of a pose host is pulled, and plugged in again,
- a classifier host loses its power, and the other one is upgraded,
- fusion is upgraded, one replica after the other,
- the gateway that has the console's stream loses its power, and comes back,
- event storage is upgraded, one replica after the other,
- the gateway that has the stream loses its way to event storage, and finds it again,
- the gateway is upgraded, one replica after the other,
- a pose host is upgraded, and a third one joins,
- an ingest host is upgraded, another loses its power, and comes back with its disk.

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
from ledger import Ledger

ROOT = pathlib.Path(__file__).resolve().parents[2]
SKIPPED = 77
CAMERAS, FPS, LEASED_FPS, SECONDS = 4, 1, 0.5, 150
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
    network, ledger = cluster.network, Ledger(cluster)

    def all_stream_to(*names):
        wait_until(f"every camera streams to {' or '.join(names)}",
                   lambda: sum(cluster.streams(name) for name in names) >= CAMERAS + 2)

    wait_until("both pose hosts have streams", lambda: cluster.streams("pose-1") and cluster.streams("pose-2"))

    with ledger.fault("the cable of pose-1 is pulled"):
        network.hosts["pose-1"].cut()
        all_stream_to("pose-2")
    network.hosts["pose-1"].mend()

    with ledger.fault("classifier-1 loses its power"):
        network.hosts["classifier-1"].die()
        all_stream_to("classifier-2")

    with ledger.fault("the classifier that is left is upgraded"):
        ledger.upgrade("classifier", "classifier-2", "classifier-3")
        all_stream_to("classifier-3")

    with ledger.fault("fusion is upgraded"):
        ledger.upgrade("fusion", "fusion-1", "fusion-3", "fusion-2")
        ledger.upgrade("fusion", "fusion-2", "fusion-4", "fusion-3")
        all_stream_to("fusion-3", "fusion-4")

    with ledger.fault("a gateway loses its power"):
        gateway_trouble.lose_power(cluster, console, ledger.say)

    with ledger.fault("event storage is upgraded"):
        ledger.upgrade("events", "events-1", "events-3", "events-2")
        ledger.upgrade("events", "events-2", "events-4", "events-3")
        console.await_next_event()

    with ledger.fault("a gateway is parted from event storage"):
        gateway_trouble.part_from_event_storage(cluster, console, ledger.say, ("events-3", "events-4"))
    with ledger.fault("the gateway is upgraded"):
        gateway_trouble.upgrade(cluster, console, ledger.say)

    with ledger.fault("pose is upgraded"):
        busy, idle = by_streams(cluster, "pose-1", "pose-2")
        ledger.upgrade("pose", busy, "pose-3", idle)
        all_stream_to(idle, "pose-3")
    with ledger.fault("a third pose host joins"):
        cluster.start("pose", "pose-4")
        published = time.monotonic()
        cluster.publish("pose", idle, "pose-3", "pose-4")
        wait_until("the third pose host gets streams", lambda: cluster.streams("pose-4"))
        ledger.say(f"pose-4 had its first stream {time.monotonic() - published:.1f} s after it was published")

    with ledger.fault("ingest is upgraded"):
        before = cluster.leased()
        busy, idle = by_streams(cluster, "ingest-1", "ingest-2")
        ledger.upgrade("ingest", busy, "ingest-3", idle)
        await_ingest(cluster, (idle, "ingest-3"), before)
    lose_ingest(cluster, ledger, idle, "ingest-3")
    return ledger


def by_streams(cluster, *names):
    """The busiest first. Whoever connects first gets every stream of a client, so it is not known which one that is."""
    return sorted(names, key=cluster.streams, reverse=True)


def await_ingest(cluster, hosts, before):
    """Until cameras that push are at the hosts, and leased ones go on there."""
    wait_until(f"every pushing camera streams to {' or '.join(hosts)}",
               lambda: sum(cluster.streams(name) for name in hosts) >= CAMERAS)
    wait_until(f"leased cameras go on at {' or '.join(hosts)}", lambda: all(
        holder in hosts and (frames > 0 if before[camera][0] != holder else frames > before[camera][1])
        for camera, (holder, frames) in cluster.leased().items()), 30)


def lose_ingest(cluster, ledger, *hosts):
    victim, other = by_streams(cluster, *hosts)
    with ledger.fault("an ingest host loses its power"):
        ledger.say(f"it is {victim}, with {cluster.streams(victim):g} pushing cameras")
        before = cluster.leased()
        cluster.network.hosts[victim].die()
        cluster.publish("ingest", other)
        await_ingest(cluster, (other,), before)
    ledger.say(f"all of its cameras are at {other}; it comes back with its disk")
    cluster.network.hosts[victim].mend()
    cluster.start("ingest", victim)
    cluster.publish("ingest", *hosts)


def check_report(cluster, ledger, report):
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
    for name in ledger.ingest_hosts():
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
        wait_until("cameras push", lambda: cluster.streams("ingest-1") + cluster.streams("ingest-2") >= CAMERAS)
        ledger = make_trouble(cluster, console)
        assert load.running(), f"the cameras ended before the trouble did:\n{load.text()[-3000:]}"
        status = load.child.wait(SECONDS + 200)
        assert status == 0, f"the cameras ended with {status}:\n{load.text()[-3000:]}"
        ledger.report()
        check_report(cluster, ledger, json.loads((folder / "report.json").read_text()))
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
