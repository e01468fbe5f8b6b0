#!/usr/bin/python3
"""The aislewatch command from a first video to a signed export: `up --camera`, cameras zones and rules, incidents.

Needs PostgreSQL and MoveNet's weights, and skips without.
"""
import json
import pathlib
import subprocess
import sys
import zipfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from harness.cluster import BIN, QUICK_START, Up, run, skip_without, temporary_folder

# As `cameras apply` reads it; `cameras zones` and `cameras rules` take a camera's zones and rules alone.
FILE = """\
store_id: store
cameras:
  - camera_id: camera-1
    source_url: elsewhere.mp4
    zones: [{zone_id: everywhere, kind: restricted, polygon: [[0, 0], [1, 0], [1, 1], [0, 1]]}]
    rules: [{rule_id: anybody, kind: restricted_zone, min_duration: 200ms, cooldown: 0s, fire_once_per: track}]
"""
CROSSED = FILE.replace("[1, 0], [1, 1]", "[1, 1], [1, 0]")


def scene_of(up):
    camera = json.loads(up.ask("cameras", "show", "camera-1").stdout)["camera"]
    return ([zone["zone_id"] for zone in camera.get("zones", [])], [rule["rule_id"] for rule in camera.get("rules", [])],
            camera["source_url"])


def give(up, folder, what, text, *flags):
    (folder / "scene.yaml").write_text(text)
    return up.ask("cameras", what, "camera-1", "--config", folder / "scene.yaml", *flags)


def check_scene(up, folder, video):
    """Zones, then rules; what cannot be is refused and changes nothing."""
    assert scene_of(up) == ([], [], video.as_uri()), scene_of(up)
    refused = give(up, folder, "zones", CROSSED, "--apply")
    assert refused.returncode != 0 and "everywhere" in refused.stderr, refused
    refused = up.ask("cameras", "zones", "camera-1", "--apply")
    assert refused.returncode != 0 and "--config" in refused.stderr, refused
    assert scene_of(up)[:2] == ([], [])

    shown = give(up, folder, "zones", FILE)
    assert "everywhere" in shown.stdout and scene_of(up)[0] == [], shown
    done = give(up, folder, "zones", FILE, "--apply")
    assert done.returncode == 0 and json.loads(done.stdout)["rules"] == [], done
    assert scene_of(up) == (["everywhere"], [], video.as_uri()), scene_of(up)
    done = give(up, folder, "rules", FILE, "--apply")
    assert done.returncode == 0, done
    # The address is not the file's.
    assert scene_of(up) == (["everywhere"], ["anybody"], video.as_uri()), scene_of(up)


def check_export(up, folder, incident):
    """Whole, and signed with the key that `up` made."""
    archive, out = folder / "incident.zip", folder / "export"
    run(BIN / "aislewatch", "incidents", "export", incident, "--out", archive, "--data-dir", up.folder)
    with zipfile.ZipFile(archive) as files:
        files.extractall(out)
    public = run("openssl", "pkey", "-in", up.folder / "site-key.pem", "-pubout")
    assert (out / "site-key.pem").read_text() == public
    run("openssl", "pkeyutl", "-verify", "-pubin", "-inkey", out / "site-key.pem", "-rawin", "-in", out / "SHA256SUMS",
        "-sigfile", out / "SHA256SUMS.sig")
    run("sha256sum", "--check", "--strict", "SHA256SUMS", cwd=out)
    assert json.loads((out / "incident.json").read_text())["incident"]["incidentId"] == incident
    print(f"exported {sorted(path.name for path in out.rglob('*') if path.is_file())}")


def check(folder):
    video = folder / "own video.mp4"
    run(BIN / "aislewatch", "simulate", "--seed", "2000001", "--seconds", "10", "--fps", "4", "--out", video)
    wrong = run_up_in_vain(folder, "--camera", folder / "missing.mp4")
    assert "missing.mp4" in wrong and "--camera takes" in wrong, wrong
    with Up(BIN, folder / "data", "--camera", video, "--http-listen=127.0.0.1:0", *QUICK_START) as up:
        check_scene(up, folder, video)
        incident = next(iter(up.until("somebody is seen", up.incidents)))
        done = up.ask("incidents", "review", incident, "--confirmed", "--by", "anna", "--note", "looked at it")
        assert done.returncode == 0, done
        assert "looked at it" in up.ask("incidents", "show", incident).stdout
        check_export(up, folder, incident)
    other = folder / "other.mp4"
    other.write_bytes(video.read_bytes())
    with Up(BIN, folder / "data", "--camera", other, "--http-listen=127.0.0.1:0", *QUICK_START) as up:
        # What was set meanwhile stays.
        assert scene_of(up) == (["everywhere"], ["anybody"], other.as_uri()), scene_of(up)


def run_up_in_vain(folder, *flags):
    done = subprocess.run([BIN / "aislewatch", "up", "--data-dir", folder / "vain", *flags], capture_output=True, text=True,
                          check=False)
    assert done.returncode != 0 and not (folder / "vain").exists(), done
    return done.stderr


if __name__ == "__main__":
    skip_without(weights=True)
    with temporary_folder() as temporary:
        check(temporary)
