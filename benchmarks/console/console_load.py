#!/usr/bin/python3
"""What open consoles cost, and whether cameras suffer from them.

    benchmarks/console/console_load.py --consoles 50 --tiles 16 --seconds 60

Starts `aislewatch up` on simulated footage with a rule that raises incidents all the time, and measures two phases of equal
length in one run: one console and nothing else, then CONSOLES streams of incidents and TILES live pictures. For each: what every
service used of a core, how long frames took from capture to verdict, how many were dropped, and how long after the capture
of its frame a change of an incident was with a console (median, 99th percentile).

The clients run beside the cluster, as one process that waits for sockets; what it uses itself is told as "load program".
Needs PostgreSQL and MoveNet's weights. Results are synthetic.
"""
import argparse
import datetime
import http.client
import json
import os
import pathlib
import re
import selectors
import shutil
import socket
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests"))

from harness.cluster import BIN, Up, run, skip_without

CAMERAS = """\
store_id: store
cameras:
{cameras}"""
CAMERA = """\
  - camera_id: camera-{number}
    source_url: {video}
    loop: true
    analysis_fps: {fps}
    zones: [{{zone_id: everywhere, kind: restricted, polygon: [[0, 0], [1, 0], [1, 1], [0, 1]]}}]
    rules: [{{rule_id: anybody, kind: restricted_zone, min_duration: 200ms, cooldown: 0s, fire_once_per: track}}]
"""
END_TO_END = "aislewatch_ingest_end_to_end_seconds"
TICKS = os.sysconf("SC_CLK_TCK")


class Stream:
    """One server-sent stream; what it says is looked at line by line, pictures are only counted."""

    def __init__(self, port, path, follow):
        self.follow = follow  # Whether the lines are wanted.
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n".encode())
        self.socket.settimeout(None)
        self.socket.setblocking(False)
        self.rest = b""
        self.bytes = 0
        self.events = 0

    def read(self):
        """Lines that are whole now; None at the end."""
        try:
            data = self.socket.recv(1 << 18)
        except BlockingIOError:
            return []
        if not data:
            return None
        self.bytes += len(data)
        self.events += data.count(b"event: ")
        if not self.follow:
            return []
        *lines, self.rest = (self.rest + data).split(b"\n")
        return [line for line in lines if line.startswith(b"data: ")]


def seconds_of(stamp):
    whole, _, fraction = stamp.rstrip("Z").partition(".")
    base = datetime.datetime.fromisoformat(whole).replace(tzinfo=datetime.timezone.utc).timestamp()
    return base + (float("0." + fraction) if fraction else 0)


def follow(streams, seconds):
    """Reads all streams for a while; the delays of the changes that came, and how many streams ended."""
    delays, ended = [], 0
    end = time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        for stream in streams:
            selector.register(stream.socket, selectors.EVENT_READ, stream)
        while (left := end - time.monotonic()) > 0:
            for key, _ in selector.select(left):
                lines = key.data.read()
                if lines is None:
                    selector.unregister(key.data.socket)
                    ended += 1
                    continue
                now = time.time()
                for line in lines:
                    transition = json.loads(line[6:]).get("transition")
                    if transition:
                        delays.append(now - seconds_of(transition["time"]))
    return delays, ended


def cpu_seconds(pid):
    """Of a process and its threads; PostgreSQL's children are processes of their own."""
    total = 0
    for one in [pid, *children(pid)]:
        try:
            fields = pathlib.Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            total += (int(fields[11]) + int(fields[12])) / TICKS
        except OSError:
            pass
    return total


def children(pid):
    try:
        return [int(one) for one in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def metrics(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    connection.close()
    return text


def histogram(text, name):
    """Cumulative counts by upper bound, over all labels."""
    buckets = {}
    for bound, value in re.findall(rf'^{name}_bucket{{.*?le="([^"]+)".*?}} (\S+)$', text, re.M):
        buckets[float(bound)] = buckets.get(float(bound), 0) + float(value)
    return buckets


def counter(text, name):
    return sum(float(value) for value in re.findall(rf"^{name}(?:{{[^}}]*}})? (\S+)$", text, re.M))


def quantile(before, after, q):
    """As Prometheus' histogram_quantile over the time between; None without observations."""
    counts = sorted((bound, after[bound] - before.get(bound, 0)) for bound in after)
    if not counts or counts[-1][1] == 0:
        return None
    rank, low, below = q * counts[-1][1], 0.0, 0.0
    for bound, count in counts:
        if count >= rank:
            return low if bound == float("inf") else low + (bound - low) * (rank - below) / max(count - below, 1e-9)
        low, below = bound, count
    return None


def of(values, q):
    return sorted(values)[min(len(values) - 1, int(q * len(values)))] if values else None


class Watch:
    """What a cluster has used and done so far."""

    def __init__(self, up, pids):
        self.time = time.monotonic()
        self.cpu = {name: cpu_seconds(pid) for name, pid in pids.items()}
        ingest = metrics(up.ports("ingest")["metrics"])
        self.latency = histogram(ingest, END_TO_END)
        self.dropped = counter(ingest, "aislewatch_ingest_frames_dropped_total")


def phase(up, pids, streams, seconds):
    before = Watch(up, pids)
    start = [(stream.bytes, stream.events) for stream in streams]
    delays, ended = follow(streams, seconds)
    after = Watch(up, pids)
    took = after.time - before.time
    told = [(stream.bytes - was[0], stream.events - was[1]) for stream, was in zip(streams, start)]
    return {
        "seconds": round(took, 1),
        "cores": {name: round((after.cpu[name] - before.cpu[name]) / took, 3) for name in pids},
        "frames": int(max(after.latency.values()) - max(before.latency.values(), default=0)),
        "dropped": int(after.dropped - before.dropped),
        "analysis_s": {f"p{int(100 * q)}": quantile(before.latency, after.latency, q) for q in (0.5, 0.95, 0.99)},
        "delivered": len(delays),
        "delivery_s": {"median": of(delays, 0.5), "p99": of(delays, 0.99)},
        "bytes_per_s": int(sum(one for one, _ in told) / took),
        "silent_streams": sum(1 for _, events in told if events == 0),
        "ended_streams": ended,
    }


def pids_of(up):
    pids = {name: int(pid) for name, pid in re.findall(r"^(\w+) +127\.\S+ +http\S+ +(\d+)$", up.log.read_text(), re.M)}
    postmaster = up.folder / "postgres/data/postmaster.pid"
    pids["postgresql"] = int(postmaster.read_text().split()[0])
    pids["load program"] = os.getpid()
    return pids


def show(name, result):
    number = lambda value, unit="s": "-" if value is None else f"{value:.3f} {unit}"
    print(f"\n{name}: {result['seconds']:.0f} s")
    print("  cores       " + ", ".join(f"{service} {used:.3f}" for service, used in result["cores"].items()))
    print("  analysis    " + ", ".join(f"{q} {number(value)}" for q, value in result["analysis_s"].items())
          + f"; {result['frames']} frames, {result['dropped']} dropped")
    print(f"  delivery    median {number(result['delivery_s']['median'])}, p99 {number(result['delivery_s']['p99'])} from capture;"
          f" {result['delivered']} changes")
    print(f"  streams     {result['bytes_per_s'] / 1e6:.2f} MB/s, {result['silent_streams']} said nothing, {result['ended_streams']} ended")


def measure(arguments, folder):
    video = folder / "store.mp4"
    run(BIN / "aislewatch", "simulate", "--seed", "2000001", "--seconds", "20", "--fps", arguments.fps, "--out", video)
    cameras = "".join(CAMERA.format(number=i, video=video, fps=arguments.fps) for i in range(arguments.cameras))
    (folder / "cameras.yaml").write_text(CAMERAS.format(cameras=cameras))
    with Up(BIN, folder / "data", "--config", folder / "cameras.yaml", "--http-listen=127.0.0.1:0",
            *(f"--service-flag={flag}" for flag in arguments.service_flag)) as up:
        port, pids = up.ports("gateway")["http"], pids_of(up)
        console = lambda: Stream(port, "/api/v1/incidents/stream", True)
        streams = [console()]
        up.until("frames are analysed", lambda: histogram(metrics(up.ports("ingest")["metrics"]), END_TO_END).get(float("inf"), 0))
        follow(streams, arguments.warm_up)
        alone = phase(up, pids, streams, arguments.seconds)
        streams += [console() for _ in range(arguments.consoles - 1)]
        streams += [Stream(port, f"/api/v1/live?cameraIds=camera-{i % arguments.cameras}&fps={arguments.tile_fps}", False)
                    for i in range(arguments.tiles)]
        follow(streams, arguments.warm_up)
        loaded = phase(up, pids, streams, arguments.seconds)
    return alone, loaded


def main():
    parser = argparse.ArgumentParser(description="What open consoles cost, and whether cameras suffer from them.")
    parser.add_argument("--consoles", type=int, default=50, help="streams of incidents (50)")
    parser.add_argument("--tiles", type=int, default=16, help="live pictures, each a stream of its own (16)")
    parser.add_argument("--cameras", type=int, default=1, help="simulated cameras, which the tiles share (1)")
    parser.add_argument("--fps", type=int, default=5, help="frames analysed per second of each camera (5)")
    parser.add_argument("--tile-fps", type=float, default=5, help="pictures per second of each tile at most (5)")
    parser.add_argument("--seconds", type=float, default=60, help="of each phase (60)")
    parser.add_argument("--warm-up", type=float, default=10, help="seconds before each phase (10)")
    parser.add_argument("--service-flag", action="append", default=[], help="as of `aislewatch up`; may be given several times")
    parser.add_argument("--json", help="file to write the figures to")
    arguments = parser.parse_args()
    if min(arguments.consoles, arguments.cameras) < 1 or arguments.tiles < 0:
        parser.error("at least one console and one camera")
    skip_without(weights=True)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="aw-console-load-"))
    folder.chmod(0o755)
    try:
        alone, loaded = measure(arguments, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"synthetic: {arguments.cameras} simulated camera(s) at {arguments.fps} frames per second, {os.cpu_count()} processors,"
          f" load average {os.getloadavg()[0]:.1f}")
    show("one console", alone)
    show(f"{arguments.consoles} consoles and {arguments.tiles} live tiles", loaded)
    if arguments.json:
        pathlib.Path(arguments.json).write_text(json.dumps({"one_console": alone, "load": loaded, **vars(arguments)}, indent=1) + "\n")
    if loaded["ended_streams"] or alone["ended_streams"]:
        sys.exit("streams ended; the figures hold for fewer of them")


if __name__ == "__main__":
    main()
