#!/usr/bin/python3
"""Event storage and a PostgreSQL with the TLS settings of k8s/components/postgres-cnpg.

It goes on with a server whose certificate is for the dialled name, and with no other: not one of another authority, one for another
name, one that has expired; and the server takes nobody in clear. Needs PostgreSQL, openssl and python3-yaml, and skips without.
"""
import os
import pathlib
import shutil
import socket
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from harness.cluster import BIN, ROOT, Postgres, postgres_program, run, skip, skip_without, temporary_folder, until

try:
    import yaml
except ImportError:
    yaml = None

COMPONENT = ROOT / "k8s/components/postgres-cnpg"
# The host of the operator's connection string.
NAME = "aislewatch-postgres-rw.aislewatch"
PASSWORD = "correct horse"
KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]


def manifest(name):
    return yaml.safe_load((COMPONENT / name).read_text())


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Authority:
    def __init__(self, folder, name):
        self.folder, self.certificate, self.key = folder, folder / f"{name}.crt", folder / f"{name}.key"
        run("openssl", "req", "-x509", *KEY, "-keyout", self.key, "-out", self.certificate, "-subj", f"/CN={name}", "-days", "2")

    def issue(self, file, host, days=2):
        """FILE.crt and FILE.key for a host."""
        request, names = self.folder / f"{file}.csr", self.folder / f"{file}.names"
        names.write_text(f"subjectAltName=DNS:{host}\n")
        run("openssl", "req", *KEY, "-keyout", self.folder / f"{file}.key", "-out", request, "-subj", f"/CN={host}")
        run("openssl", "x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial", "-extfile", names,
            "-days", days, "-out", self.folder / f"{file}.crt")


class TlsPostgres(Postgres):
    """On TCP, with the component's rules for who may come in and the operator's last one."""

    def __init__(self, folder):
        super().__init__(folder)
        self.port = free_port()
        self.environment = {**os.environ, "PGHOST": str(self.folder), "PGPORT": str(self.port), "PGUSER": "aislewatch",
                            "PGDATABASE": "postgres"}
        rules = ["local all all trust", *manifest("cluster.yaml")["spec"]["postgresql"]["pg_hba"], "host all all all scram-sha-256"]
        (self.folder / "data/pg_hba.conf").write_text("\n".join(rules) + "\n")

    def start(self):
        with open(self.folder / "log", "ab") as out:
            self.child = subprocess.Popen(
                [postgres_program("postgres"), "-D", self.folder / "data", "-k", self.folder, "-p", str(self.port), "-c", "ssl=on",
                 "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"], stdout=out, stderr=out, cwd=self.folder, **self.owner)
        until("PostgreSQL is ready", lambda: subprocess.run([postgres_program("pg_isready"), "-q"], env=self.environment,
                                                            check=False).returncode == 0)

    def show(self, authority, file):
        """That certificate, from now on."""
        for end in ("crt", "key"):
            to = self.folder / f"data/server.{end}"
            shutil.copy(authority.folder / f"{file}.{end}", to)
            to.chmod(0o600)
            if self.owner:
                shutil.chown(to, "postgres", "postgres")
        self.stop()
        self.start()


def migrate(postgres, authority, host=NAME, **changes):
    """`aislewatch-events --migrate-only` with the environment of its pod."""
    container = manifest("events.yaml")["spec"]["template"]["spec"]["containers"][0]
    variables = {one["name"]: one["value"] for one in container["env"] if "value" in one}
    variables["PGSSLROOTCERT"] = str(authority.certificate)
    variables["AISLEWATCH_EVENTS_DATABASE"] = (f"postgresql://aislewatch:{PASSWORD.replace(' ', '%20')}@{host}:{postgres.port}/postgres"
                                               "?hostaddr=127.0.0.1")
    return subprocess.run([BIN / "aislewatch-events", "--migrate-only"], env={**os.environ, **variables, **changes}, check=False,
                          capture_output=True, text=True, timeout=60)


def refused(done, why):
    assert done.returncode != 0 and why in done.stderr, f"not refused with \"{why}\": {done}"
    assert PASSWORD not in done.stderr, done


def check(folder):
    ours, other = Authority(folder, "ours"), Authority(folder, "other")
    ours.issue("good", NAME)
    ours.issue("elsewhere", "elsewhere.example")
    ours.issue("expired", NAME, days=-1)
    postgres = TlsPostgres(folder)
    try:
        postgres.show(ours, "good")
        run(postgres_program("psql"), "-qc", f"ALTER ROLE aislewatch PASSWORD '{PASSWORD}'", env=postgres.environment)
        done = migrate(postgres, ours)
        assert done.returncode == 0, done.stderr
        refused(migrate(postgres, other), "certificate verify failed")
        refused(migrate(postgres, ours, PGSSLMODE="disable"), "pg_hba.conf rejects connection")
        postgres.show(ours, "elsewhere")
        refused(migrate(postgres, ours), "does not match host name")
        postgres.show(ours, "expired")
        refused(migrate(postgres, ours), "certificate verify failed")
    finally:
        postgres.stop()
    print("the right certificate is taken; another authority, another name, an expired one and no TLS are refused")


def main():
    skip_without()
    if shutil.which("openssl") is None:
        skip("openssl is not installed")
    if yaml is None:
        skip("python3-yaml is not installed")
    with temporary_folder() as folder:
        check(folder)


if __name__ == "__main__":
    main()
