"""Real programs for tests that cross processes: `aislewatch up` in a folder, or event storage with a gateway alone.

AISLEWATCH_BIN_DIR names the folder of the programs. Everything listens on free ports and ends with its `with` block.
"""
import contextlib
import http.client
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("AISLEWATCH_BIN_DIR", ROOT / "build/release/bin"))
MODELS = [f"--model-repository={ROOT}/{folder}" for folder in ("models/pretrained", "build/models")]


# For `up` with one camera: batches of other sizes are warmed for nothing, and that is the most of a start.
QUICK_START = ["--service-flag=pose:--max-batch=1", "--service-flag=pose:--inference-threads=1"]


def skip_without(*, postgres=True, weights=False):
    """Ends the program as skipped (77) where something optional is missing."""
    if postgres and not list(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        skip("PostgreSQL is not installed")
    if weights and not (ROOT / "build/models/movenet-multipose").exists():
        skip("MoveNet's weights are not there; scripts/fetch-models fetches them")


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, **options)
    if done.returncode:
        raise AssertionError(f"{' '.join(map(str, command))}: {done.stdout}{done.stderr}")
    return done.stdout


def postgres_program(name):
    return sorted(pathlib.Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))[-1]


@contextlib.contextmanager
def temporary_folder():
    """Also for PostgreSQL, which runs as another user where we are root."""
    with tempfile.TemporaryDirectory(prefix="aw-test-") as folder:
        os.chmod(folder, 0o755)
        yield pathlib.Path(folder)


def until(what, condition, seconds=60, alive=lambda: True, why=lambda: ""):
    """What `condition` gives once it gives something."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        if not alive() or time.monotonic() > end:
            raise AssertionError(f"not so: {what}: {why()}")
        time.sleep(0.1)
    return value


def ports_of(path):
    """As a service writes them: grpc, metrics, http."""
    if not path.exists():
        return {}
    return {name: int(port) for name, _, port in (line.partition("=") for line in path.read_text().split())}


class Up:
    """`aislewatch up` in a folder, ended as Ctrl-C ends it."""

    def __init__(self, bin_dir, folder, *flags):
        self.bin, self.folder, self.log = bin_dir, folder, folder.with_suffix(".log")
        with open(self.log, "w", encoding="utf-8") as out:
            self.child = subprocess.Popen([bin_dir / "aislewatch", "up", "--data-dir", folder, *MODELS, *flags], stdout=out,
                                          stderr=subprocess.STDOUT)

    def __enter__(self):
        self.until("the cluster runs", lambda: "Ctrl-C stops everything" in self.log.read_text())
        return self

    def __exit__(self, *_):
        self.child.send_signal(signal.SIGINT)
        try:
            self.child.wait(60)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()

    def until(self, what, condition, seconds=120):
        return until(what, condition, seconds, lambda: self.child.poll() is None, lambda: self.log.read_text()[-3000:])

    def ports(self, service):
        return ports_of(self.folder / f"run/{service}.ports")

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


class Process:
    """A service that says in a file where it listens."""

    def __init__(self, folder, name, *flags):
        self.folder, self.name, self.flags = folder, name, flags
        self.log = folder / f"{name}.log"
        self.ports = {"grpc": 0, "metrics": 0}
        self.child = None

    def start(self, *more):
        """On the ports that it had, where it ran before."""
        file = self.folder / f"{self.name}-{id(self)}.ports"
        file.unlink(missing_ok=True)
        with open(self.log, "a", encoding="utf-8") as out:
            self.child = subprocess.Popen(
                [BIN / f"aislewatch-{self.name}", f"--listen=127.0.0.1:{self.ports['grpc']}",
                 f"--metrics-listen=127.0.0.1:{self.ports['metrics']}", f"--port-file={file}", *self.flags, *more],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        self.ports = until(f"{self.name} listens", lambda: ports_of(file), 60, lambda: self.child.poll() is None,
                           lambda: self.log.read_text()[-3000:])

    def stop(self, how=signal.SIGTERM):
        if self.child is None:
            return
        self.child.send_signal(how)
        try:
            self.child.wait(30)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
        self.child = None


class Postgres:
    """A server on a unix socket that needs no durability."""

    def __init__(self, folder):
        self.folder = folder / "pg"
        self.folder.mkdir()
        # PostgreSQL refuses to run as root.
        self.owner = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
        if self.owner:
            shutil.chown(self.folder, "postgres", "postgres")
        run(postgres_program("initdb"), "-D", self.folder / "data", "-U", "aislewatch", "--auth", "trust", "--no-sync",
            "--encoding", "UTF8", "--locale", "C", cwd=self.folder, **self.owner)
        self.child = None
        self.conninfo = f"host={self.folder} user=aislewatch dbname=postgres"

    def start(self):
        with open(self.folder / "log", "ab") as out:
            self.child = subprocess.Popen(
                [postgres_program("postgres"), "-D", self.folder / "data", "-k", self.folder, "-c", "listen_addresses=",
                 "-c", "fsync=off"], stdout=out, stderr=out, cwd=self.folder, **self.owner)
        until("PostgreSQL is ready", lambda: subprocess.run(
            [postgres_program("pg_isready"), "-q", "-h", self.folder], check=False).returncode == 0)

    def stop(self):
        if self.child is not None:
            self.child.send_signal(signal.SIGINT)
            self.child.wait(60)
            self.child = None

    def sql(self, text):
        return run(postgres_program("psql"), "-qtA", "-h", self.folder, "-U", "aislewatch", "-d", "postgres", "-c", text)


class Services:
    """PostgreSQL, event storage that asks for credentials, and a gateway; no cameras."""

    PASSWORD = "correct horse battery staple"

    def __init__(self, folder, *gateway_flags):
        self.folder = folder
        self.postgres = Postgres(folder)
        site_key = folder / "site-key.pem"
        run("openssl", "genpkey", "-algorithm", "ed25519", "-out", site_key)
        self.events = Process(folder, "events", f"--database={self.postgres.conninfo}", "--require-credentials",
                              f"--site-key={site_key}")
        self.gateway = None
        self.gateway_flags = gateway_flags

    def __enter__(self):
        self.postgres.start()
        password = self.folder / "password"
        password.write_text(self.PASSWORD + "\n")
        run(BIN / "aislewatch-events", f"--database={self.postgres.conninfo}", "--create-admin=ada",
            f"--password-file={password}")
        self.events.start()
        self.gateway = Process(self.folder, "gateway", "--http-listen=127.0.0.1:0", "--insecure-cookies",
                               f"--events=127.0.0.1:{self.events.ports['grpc']}", *self.gateway_flags)
        self.gateway.start()
        until("the gateway reaches event storage", lambda: self.rest("GET", "/readyz").status == 200)
        return self

    def __exit__(self, *_):
        for process in (self.gateway, self.events, self.postgres):
            if process is not None:
                process.stop()

    def rest(self, method, path, body=None, headers=None):
        return rest(self.gateway.ports["http"], method, path, body, headers)

    def login(self, name, password=PASSWORD):
        """Headers of a session."""
        answer = self.rest("POST", "/api/v1/session", {"name": name, "password": password})
        assert answer.status == 200, answer
        return {"Cookie": answer.headers["Set-Cookie"].split(";")[0], "X-CSRF-Token": answer.json()["csrfToken"]}


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:500]!r}"


def rest(port, method, path, body=None, headers=None):
    """One request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = dict(headers or {})
    if isinstance(body, (dict, list)):
        body = json.dumps(body)
        headers.setdefault("Content-Type", "application/json")
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    finally:
        connection.close()
