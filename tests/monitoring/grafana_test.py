#!/usr/bin/python3
"""The dashboards against Grafana's own types (grafana-foundation-sdk, a Go module), strictly. Skips without Go or the module."""
import os
import pathlib
import shutil
import subprocess

import monitoring


def main():
    if shutil.which("go") is None:
        monitoring.skip("go is not installed (Debian package golang-go, 1.21 or later)")
    source = pathlib.Path(__file__).resolve().parent / "grafana"
    program = pathlib.Path(os.environ.get("AISLEWATCH_BIN_DIR", monitoring.ROOT / "build/release/bin")).parent / "dashboards-check"
    built = subprocess.run(["go", "build", "-mod=readonly", "-buildvcs=false", "-o", program, "."], cwd=source, check=False,
                           capture_output=True, text=True, env={**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": ""})
    if built.returncode != 0:
        monitoring.skip("the check cannot be built: " + built.stderr.strip()[-500:])
    done = subprocess.run([program, *sorted(monitoring.DASHBOARDS.glob("*.json"))], capture_output=True, text=True, check=False)
    monitoring.finish([line for line in done.stdout.splitlines() if line.startswith("FAULT")] or
                      ([done.stdout + done.stderr] if done.returncode != 0 else []), done.stdout.strip())


if __name__ == "__main__":
    main()
