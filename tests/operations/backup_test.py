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
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from harness.cluster import BIN, Up, postgres_program, run, skip_without

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
        webhook = json.loads(up.ask("webhooks", "add", "till", "https://receiver.invalid/").stdout)
        run(postgres_program("pg_dump"), *up.database(), "--format=custom", f"--file={backup}")
        dump = run(postgres_program("pg_restore"), "--file=-", backup)
        assert "receiver.invalid" in dump, "the webhook is not in the dump"
        for secret in ("hunter2", webhook["secret"]):
            assert secret not in dump, "a secret is in the dump"
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
        # It could be signed, so it was tried.
        tested = up.ask("webhooks", "test", webhook["webhook"]["webhook_id"])
        assert "receiver.invalid" in tested.stdout and "secret" not in tested.stdout, tested
        assert kept.findall(up.ask("cameras", "list").stdout) == kept.findall(cameras), "the cameras differ"
        run(bin_dir / "aislewatch", "cameras", "enable", "simulated", "--data-dir", up.folder)
        up.until("new incidents are recorded", lambda: len(up.incidents() or {}) > len(before))
    print(f"{len(before)} incidents came back as they were, and new ones were recorded")


def main():
    skip_without(weights=True)
    with tempfile.TemporaryDirectory(prefix="aw-backup-") as folder:
        os.chmod(folder, 0o755)
        check(BIN, pathlib.Path(folder))


if __name__ == "__main__":
    main()
