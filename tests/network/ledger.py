"""What each fault cost: how long it went on, what frames lacked meanwhile, how soon replicas went and came."""
import contextlib
import time

# As ingest counts them, of all its replicas that live; who loses its power takes its counts along.
COUNTS = {"frames": "frames_analysed_total", "without a stage": "degraded_frames_total", "dropped": "frames_dropped_total"}


class Ledger:
    def __init__(self, cluster):
        self.cluster, self.start, self.rows = cluster, time.monotonic(), []

    def say(self, what):
        print(f"{time.monotonic() - self.start:5.1f} s: {what}", flush=True)

    @contextlib.contextmanager
    def fault(self, what):
        """From the fault until all of its cameras' streams have moved."""
        self.say(what)
        before, incidents, start = self.count(), self.incidents(), time.monotonic()
        yield
        seconds, after = time.monotonic() - start, self.count()
        lived = before.keys() & after.keys()
        counts = {name: sum(after[host][name] - before[host][name] for host in lived) for name in COUNTS}
        self.rows.append((what, seconds, counts, self.incidents() - incidents))

    def ingest_hosts(self):
        return [name for name in self.cluster.services if name.startswith("ingest-")]

    def count(self):
        """By host of ingest."""
        counts = {host: {name: self.cluster.metric(host, f"aislewatch_ingest_{metric}") for name, metric in COUNTS.items()}
                  for host in self.ingest_hosts()}
        return {host: found for host, found in counts.items() if found["frames"]}

    def incidents(self):
        return int(self.cluster.sql("SELECT count(*) FROM incidents")[0][0])

    def upgrade(self, service, old, new, *stays):
        """One step of a rolling upgrade, with how soon the old one had gone and the new one was of use."""
        streams = "" if service == "events" else f", with {self.cluster.streams(old):g} streams,"
        ended, first = self.cluster.upgrade(service, old, new, *stays)
        used = "" if first is None else f", {new} had streams within {first:.1f} s of being published"
        self.say(f"{old}{streams} ended {ended:.1f} s after SIGTERM{used}")

    def report(self):
        print(f"{'fault':64} {'s':>6} {'incidents':>10} " + " ".join(f"{name:>16}" for name in COUNTS))
        for what, seconds, counts, incidents in self.rows:
            print(f"{what:64} {seconds:6.1f} {incidents:10d} " + " ".join(f"{counts[name]:16g}" for name in COUNTS))
