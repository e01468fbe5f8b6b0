"""The console of this test: console_client.py in the client's network namespace, and what it says of its stream."""
import json
import pathlib
import shutil
import sys

from cluster import ADMIN
from hosts import wait_until

PROGRAM = pathlib.Path(__file__).with_name("console_client.py")
API = "/api/v1"


class Stream:
    """A stream of incidents from the beginning on, at one gateway host or any, taken up again whenever it breaks."""

    def __init__(self, process, hosts):
        self.process, self.hosts = process, hosts

    def happened(self, *whats):
        """Lines of the log, oldest first; a line that is being written is left out."""
        lines = [json.loads(line) for line in self.process.text().splitlines(keepends=True) if line.endswith("\n")]
        return [line for line in lines if line["what"] in whats]

    def host(self):
        """Name of the gateway host that has the stream; None while none has."""
        last = self.happened("open", "cut")[-1:]
        if not last or last[0]["what"] == "cut":
            return None
        return next(name for name, host in self.hosts.items() if host.address == last[0]["host"])

    def await_other_host(self, host, seconds=30):
        return wait_until(f"the stream has left {host}", lambda: (now := self.host()) != host and now, seconds)

    def transitions(self):
        """(incident, number) in the order in which they were told, and when."""
        return [((line["incident"], line["number"]), line["at"]) for line in self.happened("event") if line["incident"]]

    def gaps(self):
        """Seconds from the last byte of a stream to the beginning of the next one."""
        heard, found = None, []
        for line in self.happened("open", "cut"):
            if line["what"] == "cut":
                heard = line["heard"]
            elif heard is not None:
                found.append(line["at"] - heard)
        return found


class Console:
    def __init__(self, cluster):
        self.cluster, self.folder, self.stream, self.reviews = cluster, cluster.folder / "console", None, []
        self.folder.mkdir()
        shutil.copy(cluster.authority.ca, self.folder / "ca.pem")

    def command(self, *arguments, at=None):
        address = ["--at", self.cluster.network.hosts[at].address] if at else []
        return [sys.executable, "-B", PROGRAM, *address, self.folder, *arguments]

    def run(self, *arguments, at=None):
        done = self.cluster.client.run(*self.command(*arguments, at=at))
        assert done.returncode == 0, f"{arguments[0]}: {done.stderr}"
        return json.loads(done.stdout)

    def log_in(self):
        answer = self.run("login", ADMIN, self.cluster.folder / "password")
        assert answer["status"] == 200, answer

    def ask(self, method, path, body=None, at=None):
        """The answer of gateway host `at`, or of whichever takes it: status, type, body, seconds."""
        return self.run("request", method, path, *([json.dumps(body)] if body is not None else []), at=at)

    def make_token(self, name, role):
        answer = self.ask("POST", f"{API}/tokens", {"token": {"name": name, "role": role}})
        assert answer["status"] == 201, answer["status"]
        return json.loads(answer["body"])["secret"]

    def review(self, incident, at):
        """Needs the session and its CSRF token."""
        answer = self.ask("POST", f"{API}/incidents/{incident}/reviews", {"state": "REVIEW_STATE_CONFIRMED"}, at)
        assert answer["status"] in (200, 201), answer
        self.reviews.append(json.loads(answer["body"])["review"]["reviewId"])

    def follow(self, at=None):
        name = f"console-{at}" if at else "console"
        process = self.cluster.client.start(self.cluster.folder / f"{name}.log", *self.command("follow", at=at))
        return Stream(process, self.cluster.network.hosts)

    def await_next_event(self):
        known = len(self.stream.transitions())
        wait_until("the console is told of something more", lambda: len(self.stream.transitions()) > known)

    def secrets(self):
        session = json.loads((self.folder / "session.json").read_text())
        tokens = {path.name: path.read_text() for path in self.cluster.folder.glob("*.token")}
        return {"the password": self.cluster.password, "the session": session["cookie"].split("=", 1)[1],
                "the CSRF token": session["csrf"], **tokens}
