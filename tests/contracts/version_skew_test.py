#!/usr/bin/python3
"""Programs of two releases beside each other, as while an upgrade rolls.

For each service, a cluster in which it alone is of the other release, both ways; simulated cameras push frames through it.
Every frame must be answered, none rejected, and most with every stage's part.

AISLEWATCH_PREVIOUS_BIN_DIR names the folder of the previous release's programs; skipped without. Takes five minutes.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SERVICES = ("events", "pose", "classifier", "fusion", "ingest")
MODELS = [f"--model-repository={ROOT}/{folder}" for folder in ("models/pretrained", "build/models")]


def mixture(folder, programs, others, different):
    """A folder with `programs`, but the services `different` from `others`."""
    folder.mkdir()
    # The command finds the services beside itself.
    shutil.copy2(programs / "aislewatch", folder)
    for service in SERVICES:
        source = others if service in different else programs
        (folder / f"aislewatch-{service}").symlink_to(source / f"aislewatch-{service}")
    return folder


def try_cluster(bin_dir, report):
    done = subprocess.run([bin_dir / "aislewatch", "bench", "cluster", "--cameras", "1", "--fps", "2", "--seconds", "8",
                           "--json", report, *MODELS], capture_output=True, text=True, check=False)
    if done.returncode:
        return done.stderr.strip()[-500:]
    result = json.loads(report.read_text())
    frames = result["frames"]
    if frames["answered"] != frames["sent"]:
        return f"{frames['sent']} frames were sent, {frames['answered']} answered"
    # A busy machine may let frames expire; a frame that no stage understands is rejected or goes without its part.
    if frames["dropped"].get("rejected"):
        return f"{frames['dropped']} dropped"
    if 2 * result["degraded_frames"] > frames["sent"]:
        return f"{result['degraded_frames']} frames went without a stage"
    return None


def main():
    current = pathlib.Path(os.environ.get("AISLEWATCH_BIN_DIR", ROOT / "build/release/bin")).resolve()
    previous = os.environ.get("AISLEWATCH_PREVIOUS_BIN_DIR")
    if not previous:
        print("skipped: AISLEWATCH_PREVIOUS_BIN_DIR does not name the programs of the previous release")
        sys.exit(77)
    previous = pathlib.Path(previous).resolve()
    faults = []
    with tempfile.TemporaryDirectory(prefix="aislewatch-skew-") as folder:
        folder = pathlib.Path(folder)
        os.chmod(folder, 0o755)
        for service in SERVICES:
            for what, one, other in ((f"{service} is still the previous one", current, previous),
                                     (f"{service} is the new one", previous, current)):
                name = f"{service}-{one.parts[-2]}-{len(list(folder.iterdir()))}"
                fault = try_cluster(mixture(folder / name, one, other, {service}), folder / f"{name}.json")
                print(f"{what}: {fault or 'works'}", flush=True)
                if fault:
                    faults.append(what)
    sys.exit(f"{len(faults)} of {2 * len(SERVICES)} mixtures do not work" if faults else 0)


if __name__ == "__main__":
    main()
