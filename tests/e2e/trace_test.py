#!/usr/bin/python3
"""One frame is followed over the logs of four services by its trace id and sequence, as docs/monitoring.md says.

Needs PostgreSQL and MoveNet's weights, and skips without.
"""
import json
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from harness.cluster import BIN, QUICK_START, Up, run, skip_without, temporary_folder

STAGES = ("pose", "classifier", "fusion")


def lines(folder, service, message):
    """What the service's log says of frames: by trace and sequence."""
    found = {}
    for text in (folder / f"log/{service}.log").read_text().splitlines():
        try:
            line = json.loads(text)
        except ValueError:
            continue  # The last one may be half written.
        if line["msg"] == message:
            found[line["trace"], line["sequence"]] = line
    return found


def followed(folder):
    """A frame that all services tell of; the classifier sees those with people alone."""
    frames = [lines(folder, "ingest", "frame analysed"), *(lines(folder, stage, "item answered") for stage in STAGES)]
    everywhere = set.intersection(*(set(found) for found in frames))
    return {key: [found[key] for found in frames] for key in everywhere}


def check(folder):
    video = folder / "store.mp4"
    run(BIN / "aislewatch", "simulate", "--seed", "2000001", "--seconds", "10", "--fps", "4", "--out", video)
    debug = [f"--service-flag={service}:--log-level=debug" for service in ("ingest", *STAGES)]
    with Up(BIN, folder / "data", "--camera", video, "--http-listen=127.0.0.1:0", *QUICK_START, *debug) as up:
        frames = up.until("a frame is told of by every service", lambda: followed(up.folder))
    for told in frames.values():
        assert len({line["camera"] for line in told}) == 1, told
        assert [line["service"] for line in told] == ["ingest", *STAGES], told
        assert len(told[0]["trace"]) == 32 and told[0]["degraded"] == "", told
    print(f"{len(frames)} frames followed through ingest, {', '.join(STAGES)}")


if __name__ == "__main__":
    skip_without(weights=True)
    with temporary_folder() as temporary:
        check(temporary)
