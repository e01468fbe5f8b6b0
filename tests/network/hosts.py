"""Several hosts on one machine: network namespaces on a bridge, names from dnsmasq, certificates from openssl.

Needs root. Everything is made in namespaces of the calling process, so nothing of it stays and nothing outside is
touched; isolate() moves the process there.
"""
import ctypes
import os
import pathlib
import shutil
import signal
import subprocess
import time

NETWORK = "10.77.0"
CLONE_NEWNS, CLONE_NEWNET = 0x20000, 0x40000000
TOOLS = {"ip": "iproute2", "dnsmasq": "dnsmasq-base", "openssl": "openssl", "setpriv": "util-linux"}


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, **options)
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))}: {done.stdout}{done.stderr}")
    return done.stdout


def missing():
    """Why there can be no hosts here; None where there can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    for tool, package in TOOLS.items():
        if shutil.which(tool) is None:
            return f"{tool} is not installed (Debian package {package})"
    if subprocess.run(["unshare", "-nm", "true"], capture_output=True, check=False).returncode:
        return "this container may not make network namespaces (CAP_SYS_ADMIN)"
    return None


def isolate():
    """From here on this process and its children have a network and mounts of their own."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS | CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "unshare")
    run("mount", "--make-rprivate", "/")
    # `ip netns` keeps its handles here.
    pathlib.Path("/run/netns").mkdir(exist_ok=True)
    run("mount", "-t", "tmpfs", "tmpfs", "/run/netns")
    # As `ip netns` does it itself for its own mounts to be seen by later calls.
    run("mount", "--make-shared", "/run/netns")


class Process:
    def __init__(self, command, log, environment=None):
        self.log = pathlib.Path(log)
        with open(log, "a", encoding="utf-8") as out:
            self.child = subprocess.Popen([str(part) for part in command], stdout=out, stderr=subprocess.STDOUT,
                                          env={**os.environ, **(environment or {})})

    def text(self):
        return self.log.read_text(encoding="utf-8", errors="replace")

    def running(self):
        return self.child.poll() is None

    def terminate(self, seconds=60):
        """SIGTERM, as a rolling upgrade sends it; returns the exit status."""
        self.child.send_signal(signal.SIGTERM)
        return self.child.wait(seconds)

    def kill(self):
        if self.running():
            self.child.kill()
        self.child.wait()


class Host:
    """A network namespace with one address, and the programs that run in it."""

    def __init__(self, network, name, number):
        self.name, self.address = name, f"{NETWORK}.{number}"
        self.cable = f"v{number}"
        self.processes = []
        run("ip", "netns", "add", name)
        run("ip", "link", "add", self.cable, "type", "veth", "peer", "name", "eth0", "netns", name)
        run("ip", "link", "set", self.cable, "master", network.bridge, "up")
        for words in (f"addr add {self.address}/24 dev eth0", "link set eth0 up", "link set lo up"):
            run("ip", "-n", name, *words.split())

    def command(self, *command):
        return ["ip", "netns", "exec", self.name, *command]

    def start(self, log, *command, environment=None):
        process = Process(self.command(*command), log, environment)
        self.processes.append(process)
        return process

    def run(self, *command):
        return subprocess.run([str(part) for part in self.command(*command)], capture_output=True, text=True,
                              check=False)

    def cut(self):
        """Pulls the cable: packets vanish, nobody is told."""
        run("ip", "link", "set", self.cable, "down")

    def mend(self):
        run("ip", "link", "set", self.cable, "up")

    def die(self):
        """As a machine that loses its power: no FIN, no RST."""
        self.cut()
        for process in self.processes:
            process.kill()


class Network:
    """The bridge, the hosts and their names. A context manager."""

    def __init__(self, folder):
        self.folder, self.bridge, self.hosts, self.names = folder, "br0", {}, {}

    def __enter__(self):
        run("ip", "link", "set", "lo", "up")
        # An address of its own: else it takes the lowest of its ports', another one with every host that joins, and who
        # knows the old one gets no names for half a minute.
        run("ip", "link", "add", self.bridge, "address", "02:00:00:00:00:01", "type", "bridge")
        run("ip", "addr", "add", f"{NETWORK}.1/24", "dev", self.bridge)
        run("ip", "link", "set", self.bridge, "up")
        (self.folder / "resolv.conf").write_text(f"nameserver {NETWORK}.1\n")
        run("mount", "--bind", self.folder / "resolv.conf", os.path.realpath("/etc/resolv.conf"))
        (self.folder / "names").write_text("")
        self.dns = Process(["dnsmasq", "--keep-in-foreground", "--no-resolv", "--no-hosts", "--user=root", "--local-ttl=1",
                            f"--listen-address={NETWORK}.1", "--bind-interfaces", "--pid-file=",
                            f"--addn-hosts={self.folder / 'names'}"], self.folder / "dns.log")
        return self

    def __exit__(self, *_):
        for host in self.hosts.values():
            for process in host.processes:
                process.kill()
        self.dns.kill()

    def host(self, name):
        self.hosts[name] = Host(self, name, len(self.hosts) + 2)
        return self.hosts[name]

    def name(self, service, *hosts):
        """The name answers with these hosts from now on, as a headless Service with its ready pods."""
        self.names[service] = hosts
        lines = [f"{host.address} {name}\n" for name, several in self.names.items() for host in several]
        (self.folder / "names").write_text("".join(lines))
        self.dns.child.send_signal(signal.SIGHUP)

    @staticmethod
    def part(one_side, other_side, parted=True):
        """Packets between the two sides vanish, while both reach everybody else; with `parted` false they pass again."""
        # Isolated ports of a bridge do not reach each other. So the hosts of a side do not either, and need not.
        for host in (*one_side, *other_side):
            run("ip", "link", "set", host.cable, "type", "bridge_slave", "isolated", "on" if parted else "off")


class Authority:
    """Signs certificates for the names that clients dial."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        self.ca = folder / "ca.pem"
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", 2,
            "-subj", "/CN=test authority", "-keyout", folder / "ca.key", "-out", self.ca)

    def issue(self, name, days=2):
        """(certificate, key) for `name`; `days` below 0 has it expired."""
        key, request, certificate = (self.folder / f"{name}.{end}" for end in ("key", "csr", "pem"))
        run("openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
            "-keyout", key, "-out", request)
        names = self.folder / f"{name}.ext"
        names.write_text(f"subjectAltName=DNS:{name}\n")
        if days > 0:
            run("openssl", "x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", self.folder / "ca.key",
                "-CAcreateserial", "-days", days, "-extfile", names, "-out", certificate)
        else:
            self._issue_in_the_past(request, names, certificate)
        return certificate, key

    def _issue_in_the_past(self, request, names, certificate):
        # `openssl x509` takes no dates before version 3.2; `openssl ca` does.
        (self.folder / "index").write_text("")
        (self.folder / "ca.cnf").write_text(
            f"[ca]\ndefault_ca=own\n[own]\ndatabase={self.folder}/index\nserial={self.folder}/own.srl\n"
            f"new_certs_dir={self.folder}\ndefault_md=sha256\npolicy=any\n[any]\ncommonName=supplied\n")
        run("openssl", "ca", "-config", self.folder / "ca.cnf", "-batch", "-notext", "-create_serial", "-cert", self.ca,
            "-keyfile", self.folder / "ca.key", "-in", request, "-extfile", names, "-out", certificate,
            "-startdate", "20200101000000Z", "-enddate", "20200201000000Z")


def wait_until(what, condition, seconds=60):
    """Polls until `condition` holds; returns its value."""
    end = time.monotonic() + seconds
    while True:
        if value := condition():
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.1)
