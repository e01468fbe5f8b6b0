#!/usr/bin/python3
"""What an open console costs the gateway: its memory before and while consoles look at live tiles. By hand.

gateway_memory.py [--consoles 20] [--tiles 8] [--seconds 30]

Starts `aislewatch up` with --tiles simulated cameras of one frame a second; each console follows incidents, and one in
five has a wall of all tiles with pictures. Needs built programs (AISLEWATCH_BIN_DIR), PostgreSQL and MoveNet's weights.
"""
import argparse
import contextlib
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import threading
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("AISLEWATCH_BIN_DIR", ROOT / "build/release/bin"))
CAMERA = "  - {{camera_id: camera-{0}, source_url: {1}, loop: true, analysis_fps: 1, analysis_size: 320}}\n"


def memory(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    value = {name: int(re.search(rf"{name}:\s+(\d+)", status)[1]) for name in ("VmHWM", "Threads")}
    return f"{value['VmHWM'] / 1024:.0f} MiB at most, {value['Threads']} threads"


def gateway_of(parent):
    for child in pathlib.Path(f"/proc/{parent}/task/{parent}/children").read_text().split():
        if pathlib.Path(f"/proc/{child}/cmdline").read_text().split("\0")[0].endswith("aislewatch-gateway"):
            return int(child)
    # Started by another thread of `up`.
    for child in subprocess.run(["pgrep", "-P", str(parent)], capture_output=True, text=True, check=False).stdout.split():
        if "aislewatch-gateway" in pathlib.Path(f"/proc/{child}/cmdline").read_text():
            return int(child)
    raise SystemExit("no gateway among the children of `up`")


def follow(url, over, read):
    with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=60) as stream:
        while not over.is_set() and (line := stream.readline()):
            read.append(len(line))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--consoles", type=int, default=20)
    parser.add_argument("--tiles", type=int, default=8)
    parser.add_argument("--seconds", type=int, default=30)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="aislewatch-memory-") as name:
        folder = pathlib.Path(name)
        os.chmod(folder, 0o755)
        video = folder / "store.mp4"
        subprocess.run([BIN / "aislewatch", "simulate", "--seed", "2000000", "--seconds", "20", "--fps", "5", "--size", "448x256",
                        "--out", video], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        (folder / "cameras.yaml").write_text("store_id: store\ncameras:\n" + "".join(
            CAMERA.format(number, video) for number in range(args.tiles)))
        with open(folder / "up.log", "w") as log:
            up = subprocess.Popen([BIN / "aislewatch", "up", "--config", folder / "cameras.yaml", "--data-dir", folder / "data",
                                   "--for", "20m", "--http-listen", "127.0.0.1:0"], stdout=log, stderr=subprocess.STDOUT)
        try:
            until = time.monotonic() + 300
            while "Ctrl-C stops" not in (folder / "up.log").read_text():
                if up.poll() is not None or time.monotonic() > until:
                    raise SystemExit((folder / "up.log").read_text())
                time.sleep(1)
            ports = dict(line.split("=") for line in (folder / "data/run/gateway.ports").read_text().splitlines())
            gateway = gateway_of(up.pid)
            print("without consoles:", memory(gateway))
            over, events, pictures = threading.Event(), [], []
            base = f"http://127.0.0.1:{ports['http']}/api/v1"
            wall = "&".join(f"cameraIds=camera-{number}" for number in range(args.tiles))
            for number in range(args.consoles):
                threading.Thread(target=follow, args=(f"{base}/incidents/stream", over, events), daemon=True).start()
                if number % 5 == 0:
                    threading.Thread(target=follow, args=(f"{base}/live?{wall}", over, pictures), daemon=True).start()
            time.sleep(args.seconds)
            print(f"{args.consoles} consoles, {(args.consoles + 4) // 5} walls of {args.tiles} tiles:", memory(gateway),
                  f"{sum(pictures) / 1e6:.1f} MB of pictures")
            over.set()
        finally:
            up.send_signal(signal.SIGINT)
            up.wait(60)


if __name__ == "__main__":
    main()
