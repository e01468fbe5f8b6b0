#!/usr/bin/python3
"""Every example of docs/api.md, in order, on a real cluster with a simulated camera.

A comment before an example says what the test does with it, each part once, separated by "; ":

    <!-- test: file NAME -->      is saved under that name, for a later example
    <!-- test: needs PROGRAM -->  is left out, visibly, where that is not installed
    <!-- test: prints REGEX -->   its output must match (over lines)
    <!-- test: until REGEX -->    goes on for ever; is ended when its output matches

An example without `file` is run by bash, with the variables that those before it set. Needs PostgreSQL, MoveNet's weights,
python3-grpcio, protoc and curl; skips without (77).
"""
import importlib
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from harness import stubs
from harness.cluster import BIN, QUICK_START, ROOT, Up, rest, run, skip, skip_without, temporary_folder

GUIDE = ROOT / "docs/api.md"
CAMERAS = """\
store_id: store-1
cameras:
  - camera_id: aisle-1
    source_url: store.mp4
    loop: true
    analysis_fps: 2
    analysis_size: 160
    zones: [{zone_id: floor, kind: restricted, polygon: [[0, 0], [1, 0], [1, 1], [0, 1]]}]
    rules: [{rule_id: anybody, kind: restricted_zone, min_duration: 500ms}]
"""


class Example:
    """A fenced block of the guide with what its comment says."""

    def __init__(self, line, language, text, directives):
        self.line, self.language, self.text = line, language, text
        self.directives = dict(part.split(" ", 1) for part in directives.split("; ")) if directives else {}
        unknown = set(self.directives) - {"file", "needs", "prints", "until"}
        assert not unknown, f"{GUIDE.name}:{line}: {unknown}"


def examples(text):
    pattern = re.compile(r"(?:<!-- test: ([^\n]*) -->\n)?^```(\w*)\n(.*?)^```$", re.M | re.S)
    found = [Example(text.count("\n", 0, match.start(2)) + 1, match[2], match[3], match[1]) for match in pattern.finditer(text)]
    assert text.count("\n```") == 2 * len(found), "a block that the test does not see"
    return found


class Shell:
    """Runs examples one after another, as if they were typed into one shell."""

    def __init__(self, folder, environment):
        self.folder, self.environment = folder, environment
        self.variables = folder / "variables"
        self.children = []

    def run(self, example):
        script = f"set -a -e -o pipefail\n{example.text}\nenv -0 > '{self.variables}'\n"
        output = self.folder / "output"
        with open(output, "wb") as out:
            child = subprocess.Popen(["bash", "-c", script], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
                                     stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
        self.children.append(child)
        endless = "until" in example.directives
        wanted = re.compile(example.directives.get("until") or example.directives.get("prints") or "", re.S)
        end = time.monotonic() + 60
        while child.poll() is None and time.monotonic() < end and not (endless and wanted.search(output.read_text())):
            time.sleep(0.05)
        said = output.read_text(errors="replace")
        if endless:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        else:
            assert child.poll() == 0, f"{GUIDE.name}:{example.line} ended with {child.poll()}:\n{said}"
            pairs = (pair.split("=", 1) for pair in self.variables.read_text().split("\0") if pair)
            self.environment = dict(pairs)
        assert wanted.search(said.strip()), f"{GUIDE.name}:{example.line} must print {wanted.pattern}, but printed:\n{said[-3000:]}"

    def end(self):
        """Also what examples left running beside them."""
        for child in self.children:
            try:
                os.killpg(child.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            child.wait()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def receiver():
    """The one of docs/webhooks.md, which the guide names."""
    text = (ROOT / "docs/webhooks.md").read_text()
    return re.search(r"^```python\n(.*?)^```$", text, re.M | re.S)[1]


def prepare(folder):
    run(BIN / "aislewatch", "simulate", "--seed", "2000001", "--seconds", "10", "--fps", "4", "--out", folder / "store.mp4")
    run("openssl", "genpkey", "-algorithm", "ed25519", "-out", folder / "site-key.pem")
    (folder / "cameras.yaml").write_text(CAMERAS)
    (folder / "receiver.py").write_text(receiver())
    (folder / "proto").symlink_to(ROOT / "proto")
    programs = folder / "programs"
    programs.mkdir()
    # Debian's, which has Debian's packages, whatever python3 is found first here.
    (programs / "python3").symlink_to("/usr/bin/python3")
    (programs / "aislewatch").symlink_to(BIN / "aislewatch")
    return {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "PYTHONDONTWRITEBYTECODE": "1"}


def record_incident(up, folder):
    """One that does not wait for what a busy machine sees in a simulated store, with a clip."""
    (folder / "stubs").mkdir()
    stubs.make(folder / "stubs")
    grpc = importlib.import_module("grpc")
    token = (up.folder / "credentials/ingest.token").read_text().strip()
    with grpc.insecure_channel(f"127.0.0.1:{up.ports('events')['grpc']}") as channel:
        stubs.record(channel, [("authorization", f"Bearer {token}")], "store-1", "aisle-1", clip=bytes(range(256)) * 100)


def run_examples(shell, replacements):
    ran, left_out = 0, 0
    for example in examples(GUIDE.read_text()):
        for old, new in replacements.items():
            example.text = example.text.replace(old, new)
        program = example.directives.get("needs")
        if program and shutil.which(program) is None:
            left_out += 1
            print(f"left out: {GUIDE.name}:{example.line}: {program} is not installed", flush=True)
        elif "file" in example.directives:
            (shell.folder / example.directives["file"]).write_text(example.text)
        else:
            start = time.monotonic()
            shell.run(example)
            ran += 1
            print(f"{GUIDE.name}:{example.line} does what it says ({time.monotonic() - start:.1f} s)", flush=True)
    assert ran > 10, "the guide has lost its examples"
    print(f"{ran} examples ran, {left_out} were left out")


def check(folder):
    shell = Shell(folder, prepare(folder))
    flags = ["--require-credentials", "--config", folder / "cameras.yaml", "--http-listen=127.0.0.1:0", *QUICK_START, "--service-flag=ingest:--frame-lifetime=10s",
             f"--service-flag=events:--site-key={folder}/site-key.pem", "--service-flag=events:--webhooks-allow-http",
             "--service-flag=events:--webhooks-allow-private"]
    with Up(BIN, folder / "aislewatch-data", *flags) as up:
        gateway = up.ports("gateway")["http"]
        # What a person reads at the first start.
        password = re.search(r"^log in as admin with the password (\S+) ", up.log.read_text(), re.M)[1]
        shell.environment["PASSWORD"] = password
        record_incident(up, folder)
        shown = {"Authorization": f"Bearer {(up.folder / 'credentials/command.token').read_text().strip()}"}
        up.until("the camera runs", lambda: rest(gateway, "GET", "/api/v1/cameras/aisle-1/snapshot", headers=shown).status == 200)
        try:
            run_examples(shell, {"127.0.0.1:8080": f"127.0.0.1:{gateway}", "8099": str(free_port())})
        finally:
            shell.end()


def main():
    skip_without(weights=True)
    if shutil.which("curl") is None:
        skip("curl is not installed")
    if stubs.missing():
        skip(stubs.missing())
    with temporary_folder() as folder:
        check(folder)


if __name__ == "__main__":
    main()
