#!/usr/bin/python3
"""What a camera costs ingest: memory and processor time with one camera, then with more. By hand.

ingest_cost.py [--cameras 2] [--size 1920x1080] [--fps 25] [--seconds 40] [--video FILE]

Starts `aislewatch up` twice, with one and with --cameras simulated cameras of which one frame a second is analysed, so that what is left
is their decoding. Needs built programs (AISLEWATCH_BIN_DIR), PostgreSQL and MoveNet's weights.
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from harness.cluster import BIN, QUICK_START, Up, run, temporary_folder

CAMERA = "  - {{camera_id: camera-{0}, source_url: {1}, loop: true, analysis_fps: 1, analysis_size: 640}}\n"


def ingest_of(parent):
    for child in subprocess.run(["pgrep", "-P", str(parent)], capture_output=True, text=True, check=False).stdout.split():
        if "aislewatch-ingest" in pathlib.Path(f"/proc/{child}/cmdline").read_text():
            return int(child)
    raise SystemExit("no ingest among the children of `up`")


def processor_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(folder, video, cameras, seconds):
    """(MiB at most, cores) of ingest."""
    config = folder / f"{cameras}.yaml"
    config.write_text("store_id: store\ncameras:\n" + "".join(CAMERA.format(i, video) for i in range(cameras)))
    with Up(BIN, folder / f"data-{cameras}", "--config", config, *QUICK_START) as up:
        pid = ingest_of(up.child.pid)
        time.sleep(10)
        before, begin = processor_seconds(pid), time.monotonic()
        time.sleep(seconds)
        cores = (processor_seconds(pid) - before) / (time.monotonic() - begin)
        memory = int(re.search(r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) / 1024
    print(f"{cameras} cameras: {memory:.0f} MiB at most, {cores:.3f} cores", flush=True)
    return memory, cores


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cameras", type=int, default=2)
    parser.add_argument("--size", default="1920x1080")
    parser.add_argument("--fps", type=int, default=25)
    parser.add_argument("--seconds", type=int, default=40)
    parser.add_argument("--video", type=pathlib.Path, help="instead of a simulated one")
    args = parser.parse_args()
    if args.cameras < 2:
        parser.error("--cameras must be 2 or more: the others are compared with the first")
    with temporary_folder() as folder:
        video = args.video
        if video is None:
            video = folder / "store.mp4"
            run(BIN / "aislewatch", "simulate", "--seed", "2000001", "--seconds", "10", "--fps", args.fps, "--size", args.size, "--out", video)
        memory, cores = measure(folder, video, 1, args.seconds)
        more_memory, more_cores = measure(folder, video, args.cameras, args.seconds)
    others = args.cameras - 1
    print(f"each further camera: {(more_memory - memory) / others:.0f} MiB, {(more_cores - cores) / others:.3f} cores")


if __name__ == "__main__":
    main()
