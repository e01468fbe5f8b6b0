#!/usr/bin/python3
"""promtool's own checks: the configuration, the rules, and every case of deploy/prometheus/tests."""
import shutil
import subprocess

import monitoring


def main():
    if shutil.which("promtool") is None:
        monitoring.skip("promtool is not installed (Debian package prometheus)")
    rules = sorted((monitoring.PROMETHEUS / "rules").glob("*.yaml"))
    cases = sorted((monitoring.PROMETHEUS / "tests").glob("*.yaml"))
    commands = [["check", "config", monitoring.PROMETHEUS / "prometheus.yaml"],
                ["check", "rules", *rules],
                ["test", "rules", *cases]]
    faults = []
    for command in commands:
        done = subprocess.run(["promtool", *command], capture_output=True, text=True, check=False)
        print(done.stdout + done.stderr)
        if done.returncode != 0:
            faults.append("promtool " + " ".join(map(str, command)))
    monitoring.finish(faults, "promtool is content")


if __name__ == "__main__":
    main()
