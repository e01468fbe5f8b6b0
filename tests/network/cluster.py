"""The programs of a cluster on hosts of hosts.py: how they are configured, started, upgraded and asked."""
import json
import re
import secrets
import shutil
import time
import urllib.request
from pathlib import Path

from console_client import PORT as HTTPS_PORT
from hosts import run, wait_until

PORTS = {"ingest": 50051, "pose": 50052, "classifier": 50053, "fusion": 50054, "events": 50055, "gateway": 50056}
STAGES = ("pose", "classifier", "fusion")
# From SIGTERM to the end: what k8s/ gives a pod, less its preStop.
GRACE_SECONDS = 25
ADMIN = "ada"


def postgres_programs():
    """Their folder; None where PostgreSQL is not installed."""
    return max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)


class Cluster:
    def __init__(self, network, authority, folder, bin_dir, models):
        self.network, self.authority, self.folder, self.bin, self.models = network, authority, folder, bin_dir, models
        self.services = {}
        self.certificates = {name: authority.issue(f"aislewatch-{name}") for name in (*PORTS, "client")}
        self.password = secrets.token_urlsafe(18)
        (folder / "password").write_text(self.password)
        self.client = network.host("client")
        self.database = self.start_postgres(network.host("db"))

    # --- hosts ---

    def start_postgres(self, host):
        data, programs = self.folder / "postgres", postgres_programs()
        data.mkdir()
        shutil.chown(data, "postgres", "postgres")
        as_postgres = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
        run(*as_postgres, programs / "initdb", "-D", data, "-U", "aislewatch", "-A", "trust", "-E", "UTF8", "--locale=C",
            "--no-sync", cwd="/")
        with open(data / "pg_hba.conf", "a", encoding="utf-8") as access:
            access.write("host all all 10.77.0.0/24 trust\n")
        host.start(self.folder / "postgres.log", *as_postgres, programs / "postgres", "-D", data, "-k", data,
                   "-c", f"listen_addresses={host.address}", "-c", "fsync=off")
        wait_until("PostgreSQL accepts connections", lambda: host.run(
            programs / "pg_isready", "-h", host.address, "-U", "aislewatch").returncode == 0)
        return f"host={host.address} user=aislewatch dbname=postgres"

    def sql(self, query):
        """Rows of words."""
        done = self.client.run(postgres_programs() / "psql", self.database, "-At", "-F", " ", "-c", query)
        assert done.returncode == 0, done.stderr
        return [line.split() for line in done.stdout.splitlines()]

    def create_admin(self):
        done = self.client.run(self.bin / "aislewatch-events", f"--database={self.database}", f"--create-admin={ADMIN}",
                               f"--password-file={self.folder / 'password'}")
        assert done.returncode == 0, done.stderr

    def flags(self, service, host):
        certificate, key = self.certificates[service]
        flags = ["--listen=0.0.0.0:%d" % PORTS[service], "--metrics-listen=0.0.0.0:9090", "--health-listen=0.0.0.0:8080",
                 f"--tls-ca={self.authority.ca}", f"--tls-certificate={certificate}", f"--tls-key={key}"]
        if service in STAGES:
            flags += [f"--model-repository={folder}" for folder in self.models]
        if service == "pose":
            # So that the third host gets streams while the test runs; 30 minutes otherwise.
            flags += ["--max-connection-age=20s", "--connection-grace=5s"]
            # A busy machine answers for one picture in time where it would for none of four, and they are warm sooner. One
            # host has the work of two while the other is away.
            flags += ["--max-batch=1", "--inference-threads=2"]
        if service == "events":
            flags += [f"--database={self.database}", "--require-credentials"]
        if service == "ingest":
            flags += self.dial_flags(service, *STAGES, "events")
            flags += [f"--outbox={self.folder}/{host.name}.sqlite", f"--replica-id={host.name}",
                      f"--events-token-file={self.token_file('ingest')}",
                      # This is about hosts and links; how fast a test machine infers is another matter.
                      "--frame-lifetime=4s"]
        if service == "gateway":
            flags += self.dial_flags(service, "events", "ingest")
            flags += [f"--http-listen=0.0.0.0:{HTTPS_PORT}", f"--http-certificate={certificate}", f"--http-key={key}",
                      # Else consoles take a host for dead after 40 s, which this test does not have.
                      "--stream-heartbeat=1s"]
        return flags

    def dial_flags(self, service, *others):
        certificate, key = self.certificates[service]
        return [f"--{other}=dns:///aislewatch-{other}:{PORTS[other]}" for other in others] + [
            f"--dial-tls-ca={self.authority.ca}", f"--dial-tls-certificate={certificate}", f"--dial-tls-key={key}"]

    def token_file(self, name):
        return self.folder / f"{name}.token"

    def start(self, service, *names):
        for name in names:
            host = self.network.hosts.get(name) or self.network.host(name)
            self.services[name] = host.start(self.folder / f"{name}.log", self.bin / f"aislewatch-{service}",
                                             *self.flags(service, host))
        for name in names:
            wait_until(f"{name} is ready", lambda name=name: self.ready(name), 120)

    def start_two(self, service):
        self.start(service, f"{service}-1", f"{service}-2")
        self.publish(service, f"{service}-1", f"{service}-2")

    def ready(self, name):
        if not self.services[name].running():
            raise AssertionError(f"{name} ended:\n{self.services[name].text()[-3000:]}")
        return self.client.run(self.bin / "aislewatch-health", f"{self.network.hosts[name].address}:8080").returncode == 0

    def publish(self, service, *names):
        self.network.name(f"aislewatch-{service}", *(self.network.hosts[name] for name in names))

    def upgrade(self, service, old, new, *stays):
        """One step of a rolling upgrade: the new replica is ready before the old one is told to go. Returns how long that
        took to end, and within which time of being published the new one of ingest or a stage had a stream; None where the
        other replica got them all, and for other services."""
        self.start(service, new)
        published = time.monotonic()
        self.publish(service, *stays, old, new)
        self.publish(service, *stays, new)
        ended = self.terminate(old)
        if service not in (*STAGES, "ingest"):
            return ended, None
        # With a replica that stays it may be that one which got all of the streams.
        wait_until(f"the streams of {old} have moved", lambda: any(self.streams(name) for name in (*stays, new)))
        return ended, time.monotonic() - published if self.streams(new) else None

    def terminate(self, name):
        """SIGTERM; returns how long it took to end, which is to be within its grace and with status 0."""
        start = time.monotonic()
        status = self.services[name].terminate(GRACE_SECONDS)
        assert status == 0, f"{name} ended with {status}:\n{self.services[name].text()[-3000:]}"
        return time.monotonic() - start

    # --- what is asked ---

    def tls(self, identity="client"):
        certificate, key = self.certificates[identity]
        return [f"--tls-ca={self.authority.ca}", f"--tls-certificate={certificate}", f"--tls-key={key}"]

    def command(self, *arguments, tls=None, token=True):
        return self.client.run(self.bin / "aislewatch", *arguments, "--events", f"aislewatch-events:{PORTS['events']}",
                               *([f"--token-file={self.token_file('admin')}"] if token else []),
                               *(self.tls() if tls is None else tls))

    def metric(self, name, metric):
        """Sum of a metric's series on a host; 0 where it does not answer."""
        try:
            url = f"http://{self.network.hosts[name].address}:9090/metrics"
            with urllib.request.urlopen(url, timeout=3) as answer:
                text = answer.read().decode()
        except OSError:
            return 0
        return sum(float(value) for value in re.findall(rf"^{metric}(?:\{{[^}}]*\}})? (\S+)$", text, re.M))

    def streams(self, name):
        return self.metric(name, f"aislewatch_{name.split('-')[0]}_streams")

    def leased(self):
        """Frames analysed of each leased camera, and who has it."""
        lines = self.command("cameras", "list", "--json").stdout.splitlines()
        found = {}
        for line in lines:
            camera = json.loads(line)
            status = camera.get("status", {})
            found[camera["camera"]["camera_id"]] = (status.get("holder"),
                                                   int(status.get("pipeline", {}).get("frames_analysed", 0)))
        return found
