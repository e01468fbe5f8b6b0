#!/usr/bin/python3
"""Backs the database up while cameras run, restores it elsewhere as docs/operations.md says, and compares.

What event storage tells of cameras, incidents and their history must be the same from the restored database as it was when the
backup was made, and it must take new incidents. Needs PostgreSQL and MoveNet's weights, and skips without.
"""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODELS = [f"--model-repository={ROOT}/{folder}" for folder in ("models/pretrained", "build/models")]

CAMERAS = """\
store_id: store
cameras:
  - camera_id: simulated
    source_url: {video}
    loop: true
    analysis_fps: 4
    analysis_size: 320
    zones: [{{zone_id: everywhere, kind: restricted, polygon: [[0, 0], [1, 0], [1, 1], [0, 1]]}}]
    rules: [{{rule_id: anybody, kind: restricted_zone, min_duration: 200ms, cooldown: 0s, fire_once_per: track}}]
  - camera_id: sealed
    source_url: rtsp://user:hunter2@camera.invalid/live
    enabled: false
"""


def run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssertionError(f"{' '.join(map(str, command))}: {done.stdout}{done.stderr}")
    return done.stdout


def postgres_program(name):
    return sorted(pathlib.Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))[-1]


class Up:
    """`aislewatch up` in a folder, ended as Ctrl-C ends it."""

    def __init__(self, bin_dir, folder, *flags):
        self.bin, self.folder, self.log = bin_dir, folder, folder.with_suffix(".log")
        with open(self.log, "w", encoding="utf-8") as out:
            self.child = subprocess.Popen([bin_dir / "aislewatch", "up", "--data-dir", folder, *MODELS, *flags], stdout=out,
                                          stderr=subprocess.STDOUT)

    def __enter__(self):
        self.until("the cluster runs", lambda: (self.folder / "run/ingest.ports").exists() and self.incidents() is not None)
        return self

    def __exit__(self, *_):
        self.child.send_signal(signal.SIGINT)
        try:
            self.child.wait(60)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()

    def until(self, what, condition, seconds=120):
        end = time.monotonic() + seconds
        while not condition():
            if self.child.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"not so: {what}:\n{self.log.read_text()[-3000:]}")
            time.sleep(0.2)

    def ask(self, *command):
        return subprocess.run([self.bin / "aislewatch", *command, "--data-dir", self.folder, "--json"], capture_output=True,
                              text=True, check=False)

    def incidents(self):
        """By id, with the history of each; None while nobody answers."""
        done = self.ask("incidents", "list")
        if done.returncode:
            print(f"incidents list: {done.stderr.strip()}")
            return None
        ids = [json.loads(line)["incident_id"] for line in done.stdout.splitlines()]
        return {one: self.ask("incidents", "show", one).stdout for one in ids}

    def database(self):
        return ["-h", self.folder / "postgres/socket", "-U", "aislewatch", "-d", "postgres"]


def settled(up, seconds=3):
    before = up.incidents()
    time.sleep(seconds)
    return before == up.incidents()


def check(bin_dir, folder):
    video = folder / "store.mp4"
    run(bin_dir / "aislewatch", "simulate", "--seed", "2000001", "--seconds", "10", "--fps", "4", "--out", video)
    (folder / "cameras.yaml").write_text(CAMERAS.format(video=video))
    backup = folder / "aislewatch.dump"
    with Up(bin_dir, folder / "old", "--config", folder / "cameras.yaml") as up:
        up.until("there are incidents", up.incidents)
        run(bin_dir / "aislewatch", "cameras", "disable", "simulated", "--data-dir", up.folder)
        # What was under way is recorded before it is compared.
        up.until("the camera has stopped", lambda: not json.loads(
            up.ask("cameras", "show", "simulated").stdout).get("status", {}).get("holder"))
        up.until("nothing is recorded any more", lambda: settled(up))
        run(postgres_program("pg_dump"), *up.database(), "--format=custom", f"--file={backup}")
        assert "hunter2" not in run(postgres_program("pg_restore"), "--file=-", backup), "a password is in the dump"
        before, cameras = up.incidents(), up.ask("cameras", "list").stdout
    (folder / "new").mkdir()
    shutil.copy(folder / "old/secrets.key", folder / "new/secrets.key")
    with Up(bin_dir, folder / "new") as up:
        run(postgres_program("pg_restore"), *up.database(), "--clean", "--if-exists", "--single-transaction",
            "--no-owner", backup)
        up.until("event storage answers again", up.incidents)
        assert up.incidents() == before, "the incidents differ"
        kept = re.compile(r'"(camera_id|store_id|source_url|revision|rule_id|zone_id)":\s*"[^"]*"')
        fault = json.loads(up.ask("cameras", "show", "sealed").stdout).get("status", {}).get("pipeline", {}).get("source_error")
        assert not fault, fault
        assert kept.findall(up.ask("cameras", "list").stdout) == kept.findall(cameras), "the cameras differ"
        run(bin_dir / "aislewatch", "cameras", "enable", "simulated", "--data-dir", up.folder)
        up.until("new incidents are recorded", lambda: len(up.incidents() or {}) > len(before))
    print(f"{len(before)} incidents came back as they were, and new ones were recorded")


def main():
    bin_dir = pathlib.Path(os.environ.get("AISLEWATCH_BIN_DIR", ROOT / "build/release/bin"))
    why = None
    if not list(pathlib.Path("/usr/lib/postgresql").glob("*/bin/pg_dump")):
        why = "PostgreSQL is not installed"
    elif not (ROOT / "build/models/movenet-multipose").exists():
        why = "MoveNet's weights are not there; scripts/fetch-models fetches them"
    if why:
        print(f"skipped: {why}")
        sys.exit(77)
    with tempfile.TemporaryDirectory(prefix="aw-backup-") as folder:
        os.chmod(folder, 0o755)
        check(bin_dir, pathlib.Path(folder))


if __name__ == "__main__":
    main()
