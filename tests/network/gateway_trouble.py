"""What cluster_network_test.py does to gateways while a console follows incidents, and what must hold at the end."""
import json
import statistics
import time

from cluster import ADMIN
from console import API
from hosts import wait_until

# From a transition in event storage to the console, whatever happens. A connection that says nothing any more is given
# up after ten seconds; then the console comes back.
LATEST_SECONDS = 20


def check_session(console, host):
    """Sessions live in the database, so that every gateway knows them."""
    answer = console.ask("GET", f"{API}/session", at=host)
    assert answer["status"] == 200 and json.loads(answer["body"])["principal"]["name"] == ADMIN, answer


def check_picture(console):
    """The gateway reaches ingest; 503 while no picture came."""
    wait_until("there is a picture of leased-1",
               lambda: console.ask("GET", f"{API}/cameras/leased-1/snapshot")["type"] == "image/jpeg")


def lose_power(cluster, console, say):
    (incident, _), _ = wait_until("the console is told of an incident", console.stream.transitions)[0]
    victim = wait_until("the console has its stream", console.stream.host)
    say(f"{victim} loses its power, with the console's stream")
    cluster.network.hosts[victim].die()
    other = console.stream.await_other_host(victim)
    say(f"the stream is at {other}")
    cluster.publish("gateway", other)
    check_session(console, other)
    console.review(incident, other)
    cluster.network.hosts[victim].mend()
    cluster.start("gateway", victim)
    cluster.publish("gateway", "gateway-1", "gateway-2")


def check_away(answer):
    """An answer that says what is wrong and nothing of the inside, and does not log anybody out."""
    problem = json.loads(answer["body"])
    # 504 where the time for the answer is over before the connection is given up.
    assert answer["status"] == problem["status"] in (503, 504) and answer["type"] == "application/problem+json", answer
    assert "try again" in problem["detail"], answer
    assert not any(inner in answer["body"] for inner in ("10.77.", "ipv4:", "grpc", "keepalive")), answer


def part_from_event_storage(cluster, console, say, storage):
    victim = wait_until("the console has its stream", console.stream.host)
    sides = [cluster.network.hosts[victim]], [cluster.network.hosts[name] for name in storage]
    # One that knows no other gateway.
    loyal = console.follow(at=victim)
    wait_until(f"a stream of {victim}", loyal.host)
    say(f"{victim}, which has the stream, loses its way to event storage")
    cluster.network.part(*sides)
    # Nobody asks it anything meanwhile, from which it would see sooner.
    say(f"the stream is at {console.stream.await_other_host(victim)}")
    for path in ("incidents?pageSize=1", "session", "cameras"):
        answer = console.ask("GET", f"{API}/{path}", at=victim)
        check_away(answer)
        say(f"GET {path}: {answer['status']} after {answer['seconds']:.1f} s")
    assert console.ask("GET", "/readyz", at=victim)["status"] == 503
    wait_until(f"{victim} refuses streams", lambda: loyal.happened("refused"))

    cluster.network.part(*sides, parted=False)
    mended = time.monotonic()
    wait_until(f"{victim} answers", lambda: console.ask("GET", f"{API}/incidents", at=victim)["status"] == 200)
    say(f"it answers {time.monotonic() - mended:.1f} s after its way was there again")
    check_session(console, victim)
    wait_until(f"a stream of {victim}", loyal.host)
    told = dict(console.stream.transitions())
    wait_until("who stayed with it was told the same", lambda: told.keys() <= dict(loyal.transitions()).keys())
    say("its own stream goes on")
    loyal.process.kill()
    check_once(loyal)
    for answer in loyal.happened("refused"):
        check_away(answer)
    assert cluster.services[victim].running(), cluster.services[victim].text()[-3000:]


def upgrade(cluster, console, say):
    for old, new, stays in (("gateway-1", "gateway-3", "gateway-2"), ("gateway-2", "gateway-4", "gateway-3")):
        say(f"{old} ended {cluster.upgrade('gateway', old, new, stays)[0]:.1f} s after SIGTERM")
    wait_until("a new gateway has the stream", lambda: console.stream.host() in ("gateway-3", "gateway-4"))
    host = console.stream.host()
    check_session(console, host)
    (incident, _), _ = console.stream.transitions()[-1]
    console.review(incident, host)


def check_once(stream):
    """Nothing is told twice, also not when the stream goes on at another gateway."""
    events = stream.happened("event")
    ids = [int(event["id"]) for event in events]
    assert ids == sorted(set(ids)), f"ids that do not rise: {ids}"
    keys = [key for key, _ in stream.transitions()]
    assert len(keys) == len(set(keys)), "a transition was told under two ids"


def recorded(cluster):
    """(incident, number) of every transition in event storage, and when it came there."""
    rows = cluster.sql("SELECT incident_id, number, extract(epoch FROM record_time) FROM incident_transitions")
    return {(incident, int(number)): float(at) for incident, number, at in rows}


def check(cluster, console):
    check_picture(console)
    stream = console.stream
    before = recorded(cluster)
    wait_until("the console was told of everything", lambda: before.keys() <= dict(stream.transitions()).keys(), 20)
    assert stream.process.running(), stream.process.text()[-3000:]
    stream.process.kill()
    for host in ("gateway-3", "gateway-4"):
        cluster.terminate(host)

    check_once(stream)
    told, known = dict(stream.transitions()), recorded(cluster)
    assert told.keys() <= known.keys(), f"told of what is not there: {told.keys() - known.keys()}"
    reviews = [event["review"] for event in stream.happened("event") if event["review"]]
    assert reviews == console.reviews and len(reviews) == 2, f"reviews {console.reviews} were told as {reviews}"
    late = [at - known[key] for key, at in told.items()]
    gaps = stream.gaps()
    print(json.dumps({"console": {
        "incidents": len({incident for incident, _ in told}), "transitions": len(told), "reviews": len(reviews),
        "streams_that_broke": len(gaps), "longest_without_a_stream_s": round(max(gaps), 1),
        "refused": len(stream.happened("refused")),
        "recorded_to_console_s": {"p50": round(statistics.median(late), 3), "max": round(max(late), 1)}}}))
    assert len(gaps) >= 4, f"of so much trouble the console noticed {len(gaps)} times"
    assert max(late) <= LATEST_SECONDS, f"the console was told of a transition {max(late):.1f} s after it was there"
    check_logs(cluster, console)


def check_logs(cluster, console):
    for log in cluster.folder.glob("*.log"):
        text = log.read_text(errors="replace")
        for what, secret in console.secrets().items():
            assert secret not in text, f"{what} is in {log.name}"
