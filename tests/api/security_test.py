#!/usr/bin/python3
"""What those get who come with bad intentions, and what is wrong: real event storage and gateway, over REST and gRPC.

| case | here | and in more detail |
|---|---|---|
| session fixation | SessionTest.test_a_planted_session_stays_unknown | gateway_http_test.py SessionTest |
| wrong or expired session | SessionTest.test_sessions_end | access_control_test.cc |
| CSRF | SessionTest.test_a_cookie_alone_changes_nothing | gateway_http_test.py SessionTest |
| brute force, lock-out | LockTest | access_control_test.cc; rates: gateway_http_test.py LimitTest |
| cross-store access | ScopeTest, over REST and gRPC | access_rpc_test.cc: every call by its descriptor |
| path traversal | FilesTest | gateway_http_test.py RawTest, ConsoleTest |
| SSRF through webhooks | TargetTest: addresses, names, IPv6-mapped; RedirectTest | webhook_target_test.cc, curl_transport_test.cc |
| forged signature, replay | ReceiverTest; docs/api.md, which guide_test.py runs | webhook_rpc_test.cc |
| clip range beyond the end | BadInputTest.test_a_range_beyond_the_end | gateway_http_test.py EvidenceTest |
| zone drawn across itself | BadInputTest.test_a_zone_across_itself | polygon_test.cc |
| incident that retention removed | RetentionTest | retention_store_test.cc |
| event storage, or its database, away | EventStorageAwayTest, DatabaseAwayTest | gateway_http_test.py AwayTest |

Needs PostgreSQL, python3-grpcio and protoc; skips without (77).
"""
import hashlib
import hmac
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from harness import stubs
from harness.cluster import ROOT, Process, Services, rest, skip, skip_without, temporary_folder, until

if __name__ == "__main__":
    skip_without()
    if stubs.missing():
        skip(stubs.missing())
import grpc

PASSWORD = Services.PASSWORD
CLIP = bytes(i % 251 for i in range(300_000))
UNKNOWN = "99999999-9999-4999-8999-999999999999"
# Nothing of these may leave the services.
INNER = re.compile(rb"\.cc\b|\.h:|pqxx|terminate|0x[0-9a-f]{6}|127\.0\.0\.1|at line|what\(\)|PostgreSQL|grpc_status|Traceback")


class Site:
    """What all tests share: two stores with an incident each, and those who may see one of them."""

    def __init__(self, services):
        self.services = services
        self.ada = services.login("ada")
        self.ingest = self.token("ingest", "ROLE_INGEST")
        self.channel = grpc.insecure_channel(f"127.0.0.1:{services.events.ports['grpc']}")
        for name, store in (("olga", "store-1"), ("otto", "store-2")):
            user = {"user": {"name": name, "role": "ROLE_OPERATOR", "scope": {"storeIds": [store]}}, "password": PASSWORD}
            assert self.post("/users", user, self.ada).status == 201
        for camera, store in (("c1", "store-1"), ("c2", "store-2")):
            one = {"cameraId": camera, "storeId": store, "sourceUrl": "rtsp://camera.example/1"}
            assert self.post("/cameras", one, self.ada).status == 201
        meta = self.metadata(self.ingest)
        self.incident, self.clip = stubs.record(self.channel, meta, "store-1", "c1", clip=CLIP)
        self.other, _ = stubs.record(self.channel, meta, "store-2", "c2")
        # Older than two years, which is how long incidents are kept.
        self.ancient, _ = stubs.record(self.channel, meta, "store-1", "c1", opened=time.time() - 3 * 365 * 86400)

    def token(self, name, role, **more):
        answer = self.post("/tokens", {"token": {"name": name, "role": role, **more}}, self.ada)
        assert answer.status == 201, answer
        return answer.json()["secret"]

    def post(self, path, body, headers):
        return self.services.rest("POST", "/api/v1" + path, body, headers)

    @staticmethod
    def metadata(token):
        return [("authorization", f"Bearer {token}")]


SITE = None


class SecurityTest(unittest.TestCase):

    def setUp(self):
        self.site, self.services = SITE, SITE.services

    def ask(self, method, path, body=None, headers=None):
        return self.services.rest(method, "/api/v1" + path, body, headers)

    def assert_problem(self, answer, status, words=""):
        self.assertEqual(answer.status, status, answer)
        self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
        self.assertNotRegex(answer.body, INNER)
        problem = answer.json()
        self.assertEqual(problem["status"], status)
        self.assertIn(words, problem["detail"])
        return problem["detail"]

    def assert_refused(self, call, *arguments, token=None):
        """The status of a gRPC call that fails."""
        with self.assertRaises(grpc.RpcError) as caught:
            result = call(*arguments, metadata=SITE.metadata(token) if token else None)
            if hasattr(result, "__next__"):
                next(result)
        return caught.exception


class SessionTest(SecurityTest):

    def test_a_planted_session_stays_unknown(self):
        planted = {"Cookie": "aislewatch_session=awc_planted-by-somebody-else"}
        answer = self.ask("POST", "/session", {"name": "olga", "password": PASSWORD}, planted)
        self.assertEqual(answer.status, 200)
        self.assertNotIn("planted", answer.headers["Set-Cookie"])
        self.assert_problem(self.ask("GET", "/session", headers=planted), 401)
        # Whoever logs in from a session that somebody else knows leaves that one behind.
        known = self.services.login("olga")
        answer = self.ask("POST", "/session", {"name": "otto", "password": PASSWORD}, known)
        self.assertNotEqual(answer.headers["Set-Cookie"].split(";")[0], known["Cookie"])
        self.assertEqual(self.ask("GET", "/session", headers=known).json()["principal"]["name"], "olga")

    def test_sessions_end(self):
        words = self.assert_problem(self.ask("GET", "/incidents", headers={"Cookie": "aislewatch_session=made-up"}), 401)
        ended, old = self.services.login("olga"), self.services.login("olga")
        self.assertEqual(self.ask("DELETE", "/session", headers=ended).status, 204)
        self.assertEqual(self.assert_problem(self.ask("GET", "/incidents", headers=ended), 401), words)
        # As if thirteen hours had passed since its last use. What a replica knows of it holds for two seconds.
        self.services.postgres.sql("UPDATE sessions SET use_time = use_time - interval '13 hours'"
                                   " WHERE user_id = (SELECT user_id FROM users WHERE name = 'olga')")
        until("the session has expired", lambda: self.ask("GET", "/incidents", headers=old).status == 401, 10)
        self.assertEqual(self.assert_problem(self.ask("GET", "/incidents", headers=old), 401), words)

    def test_a_new_password_ends_other_sessions(self):
        stolen, own = self.services.login("otto"), self.services.login("otto")
        back = {"user": {"name": "otto", "role": "ROLE_OPERATOR", "scope": {"storeIds": ["store-2"]}}, "password": PASSWORD}
        self.addCleanup(lambda: self.assertEqual(self.ask("PUT", "/users/otto", back, SITE.ada).status, 200))
        change = {"currentPassword": PASSWORD, "newPassword": PASSWORD + "!"}
        self.assertEqual(self.ask("POST", "/session/password", change, own).status, 204)
        self.assert_problem(self.ask("GET", "/incidents", headers=stolen), 401)

    def test_an_expired_and_a_revoked_token_look_like_an_unknown_one(self):
        expire = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 2))
        short = SITE.token("short", "ROLE_VIEWER", expireTime=expire)
        bearer = {"Authorization": f"Bearer {short}"}
        self.assertEqual(self.ask("GET", "/incidents", headers=bearer).status, 200)
        until("the token has expired", lambda: self.ask("GET", "/incidents", headers=bearer).status == 401, 10)
        expired = self.assert_problem(self.ask("GET", "/incidents", headers=bearer), 401)
        unknown = self.assert_problem(self.ask("GET", "/incidents", headers={"Authorization": "Bearer awt_unknown"}), 401)
        self.assertEqual(expired, unknown)
        events, events_grpc = stubs.of("events")
        stub = events_grpc.EventStorageServiceStub(SITE.channel)
        errors = [self.assert_refused(stub.ListIncidents, events.ListIncidentsRequest(), token=token)
                  for token in (short, "awt_unknown")]
        self.assertEqual({error.code() for error in errors}, {grpc.StatusCode.UNAUTHENTICATED})
        self.assertEqual(errors[0].details(), errors[1].details())

    def test_a_cookie_alone_changes_nothing(self):
        olga, body = self.services.login("olga"), {"state": "REVIEW_STATE_CONFIRMED"}
        path = f"/incidents/{SITE.incident}/reviews"
        cookie = {"Cookie": olga["Cookie"]}
        tokens = ({}, {"X-CSRF-Token": "wrong"}, {"X-CSRF-Token": self.services.login("olga")["X-CSRF-Token"]})
        for more in tokens:
            self.assert_problem(self.ask("POST", path, body, {**cookie, **more}), 403, "X-CSRF-Token")
        for more in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
            self.assert_problem(self.ask("POST", path, body, {**olga, **more}), 403)
        # What a form of another site could send.
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
            self.assert_problem(self.ask("POST", path, json.dumps(body), {**olga, "Content-Type": kind}), 415)
        self.assertEqual(self.ask("GET", f"/incidents/{SITE.incident}", headers=olga).json()["reviews"], [])


class LockTest(SecurityTest):

    def tries(self, name, count):
        return [self.ask("POST", "/session", {"name": name, "password": "guess"}) for _ in range(count)]

    def test_guessing_locks_a_name_whether_it_exists_or_not(self):
        user = {"user": {"name": "vera", "role": "ROLE_VIEWER"}, "password": PASSWORD}
        self.assertEqual(self.ask("POST", "/users", user, SITE.ada).status, 201)
        words = {}
        for name in ("nobody", "vera"):
            answers = self.tries(name, 11)
            self.assertEqual([answer.status for answer in answers], [401] * 10 + [429])
            self.assertGreater(int(answers[-1].headers["Retry-After"]), 0)
            words[name] = [answer.json()["detail"].replace(name, "") for answer in (answers[0], answers[-1])]
        # The right password does not help for a minute, neither here nor over gRPC; an admin does.
        right = {"name": "vera", "password": PASSWORD}
        self.assert_problem(self.ask("POST", "/session", right), 429)
        access, access_grpc = stubs.of("access")
        error = self.assert_refused(access_grpc.AccessServiceStub(SITE.channel).Login, access.LoginRequest(**right))
        self.assertEqual(error.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
        self.assertEqual(re.sub(r"\d+", "N", str(words["vera"])), re.sub(r"\d+", "N", str(words["nobody"])))
        self.assertEqual(self.ask("PUT", "/users/vera", user, SITE.ada).status, 200)
        self.assertEqual(self.ask("POST", "/session", right).status, 200)


class ScopeTest(SecurityTest):

    def test_another_stores_things_are_not_there_over_rest(self):
        otto = self.services.login("otto")
        review, hold = {"state": "REVIEW_STATE_FALSE_ALARM"}, {"hold": True}
        unknown_camera = "c-unknown"
        for method, path, there, not_there, body in (
                ("GET", "/incidents/{}", SITE.incident, UNKNOWN, None),
                ("GET", "/incidents/{}/evidence", SITE.incident, UNKNOWN, None),
                ("GET", "/incidents/{}/export", SITE.incident, UNKNOWN, None),
                ("POST", "/incidents/{}/reviews", SITE.incident, UNKNOWN, review),
                ("PUT", "/incidents/{}/hold", SITE.incident, UNKNOWN, hold),
                ("GET", "/evidence/{}", SITE.clip, UNKNOWN, None),
                ("GET", "/cameras/{}", "c1", unknown_camera, None)):
            hidden = self.assert_problem(self.ask(method, path.format(there), body, otto), 404)
            unknown = self.assert_problem(self.ask(method, path.format(not_there), body, otto), 404)
            self.assertEqual(hidden.replace(there, ""), unknown.replace(not_there, ""), path)
        for path in ("/incidents", "/incidents?storeIds=store-1", "/incidents?cameraIds=c1"):
            ids = {one["incidentId"] for one in self.ask("GET", path, headers=otto).json()["incidents"]}
            self.assertEqual(ids, {SITE.other} if path == "/incidents" else set())
        self.assertEqual([one["camera"]["cameraId"] for one in self.ask("GET", "/cameras", headers=otto).json()["cameras"]], ["c2"])
        for path in ("/users", "/tokens", "/webhooks"):
            self.assert_problem(self.ask("GET", path, headers=otto), 403)

    def test_another_stores_things_are_not_there_over_grpc(self):
        token = SITE.token("till of store 2", "ROLE_OPERATOR", scope={"storeIds": ["store-2"]})
        events, events_grpc = stubs.of("events")
        cameras, cameras_grpc = stubs.of("cameras")
        storage = events_grpc.EventStorageServiceStub(SITE.channel)
        registry = cameras_grpc.CameraRegistryServiceStub(SITE.channel)
        types, _ = stubs.of("types")
        confirmed = types.REVIEW_STATE_CONFIRMED
        for call, there, not_there in (
                (storage.GetIncident, events.GetIncidentRequest(incident_id=SITE.incident),
                 events.GetIncidentRequest(incident_id=UNKNOWN)),
                (storage.ListEvidence, events.ListEvidenceRequest(incident_id=SITE.incident),
                 events.ListEvidenceRequest(incident_id=UNKNOWN)),
                (storage.ReviewIncident, events.ReviewIncidentRequest(incident_id=SITE.incident, state=confirmed),
                 events.ReviewIncidentRequest(incident_id=UNKNOWN, state=confirmed)),
                (storage.DownloadEvidence, events.DownloadEvidenceRequest(evidence_id=SITE.clip),
                 events.DownloadEvidenceRequest(evidence_id=UNKNOWN)),
                (registry.GetCamera, cameras.GetCameraRequest(camera_id="c1"), cameras.GetCameraRequest(camera_id="c-unknown"))):
            hidden, unknown = (self.assert_refused(call, request, token=token) for request in (there, not_there))
            self.assertEqual((hidden.code(), unknown.code()), (grpc.StatusCode.NOT_FOUND,) * 2)
            ids = [next(value for _, value in request.ListFields() if isinstance(value, str)) for request in (there, not_there)]
            self.assertEqual(*(error.details().replace(one, "X") for error, one in zip((hidden, unknown), ids)))
        error = self.assert_refused(storage.ListIncidents, events.ListIncidentsRequest())
        self.assertEqual(error.code(), grpc.StatusCode.UNAUTHENTICATED)
        # A watch from the beginning tells of its own store alone.
        told = storage.WatchIncidents(events.WatchIncidentsRequest(cursor="0"), metadata=SITE.metadata(token), timeout=20)
        first = next(change for change in told if change.HasField("transition"))
        self.assertEqual(first.transition.incident.incident_id, SITE.other)
        told.cancel()


class FilesTest(SecurityTest):

    def test_paths_lead_nowhere_else(self):
        port = self.services.gateway.ports["http"]
        for path in ("/../secret.txt", "/..%2fsecret.txt", "/%2e%2e/secret.txt", "/%252e%252e/secret.txt", "/assets/../../secret.txt",
                     "/....//secret.txt", "/..\\secret.txt", "/link.txt", "/index.html%00.js", "//etc/passwd",
                     "/assets/%2e%2e%5csecret.txt", "/api/v1/../../../secret.txt"):
            with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
                connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
                answer = b"".join(iter(lambda: connection.recv(65536), b""))
            # What looks like a page of the console is its index.
            if not answer.endswith(b"<p>console</p>"):
                self.assertIn(answer.split(b" ")[1], (b"400", b"404"), path)
            self.assertNotIn(b"the secret", answer, path)
        self.assertEqual(self.services.rest("GET", "/").body, b"<p>console</p>")


class Listener:
    """Counts who connects; answers with a redirect, where there is one to give."""

    def __init__(self, redirect=None):
        self.connections = 0
        self.redirect = redirect
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            with connection:
                connection.recv(65536)
                head = f"HTTP/1.1 302 Found\r\nLocation: {self.redirect}\r\n" if self.redirect else "HTTP/1.1 204 No Content\r\n"
                connection.sendall(f"{head}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join()


class TargetTest(SecurityTest):

    def try_webhook(self, url):
        """Why it is not delivered: at once, or when it is tried."""
        made = self.ask("POST", "/webhooks", {"webhook": {"name": "hook", "url": url, "enabled": True}}, SITE.ada)
        if made.status != 201:
            self.assertEqual(made.status, 400, made)
            return made.json()["detail"]
        webhook = made.json()["webhook"]["webhookId"]
        tested = self.ask("POST", f"/webhooks/{webhook}/test", None, SITE.ada)
        self.assertEqual(self.ask("DELETE", f"/webhooks/{webhook}", headers=SITE.ada).status, 204)
        self.assertEqual((tested.status, tested.json()["delivered"]), (200, False), tested)
        return tested.json()["error"]

    def test_webhooks_reach_nothing_inside(self):
        listener = Listener()
        self.addCleanup(listener.close)
        # Literally, as numbers that only a resolver reads, mapped into IPv6, and by a name.
        for host in ("127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "[::ffff:127.0.0.1]", "[::1]", "localhost", "a.localhost"):
            self.assertIn("--webhooks-allow-private", self.try_webhook(f"https://{host}:{listener.port}/"), host)
        for host in ("169.254.169.254", "[fe80::1]", "[::ffff:169.254.169.254]", "0.0.0.0"):
            self.assertRegex(self.try_webhook(f"https://{host}/latest/meta-data/"), "never|reserved|link-local", host)
        self.assertIn("--webhooks-allow-http", self.try_webhook("http://hooks.example/"))
        for url in ("file:///etc/passwd", "gopher://127.0.0.1/", "https://user:secret@hooks.example/"):
            self.assertNotIn("secret", self.try_webhook(url))
        self.assertEqual(listener.connections, 0)

    def test_a_name_that_resolves_to_this_machine_is_no_way_in(self):
        name = next((name for name in ("ip6-localhost", "ip6-loopback", socket.gethostname())
                     if resolves_inside(name)), None)
        if name is None:
            self.skipTest("no name of this machine resolves to a loopback or private address")
        self.assertIn("--webhooks-allow-private", self.try_webhook(f"https://{name}:9/"))


def resolves_inside(name):
    try:
        return any(info[4][0].startswith(("127.", "::1", "10.", "172.", "192.168.")) for info in socket.getaddrinfo(name, 9))
    except OSError:
        return False


class RedirectTest(TargetTest):
    """Event storage that may reach this machine, as in a shop's own network."""

    test_webhooks_reach_nothing_inside = None
    test_a_name_that_resolves_to_this_machine_is_no_way_in = None

    def setUp(self):
        super().setUp()
        self.services.events.stop()
        self.services.events.start("--webhooks-allow-private", "--webhooks-allow-http")
        until("event storage is back", lambda: self.services.rest("GET", "/readyz").status == 200)

    def tearDown(self):
        self.services.events.stop()
        self.services.events.start()
        until("event storage is back", lambda: self.services.rest("GET", "/readyz").status == 200)

    def test_redirects_are_not_followed_and_metadata_is_never_reached(self):
        target = Listener()
        self.addCleanup(target.close)
        redirect = Listener(f"http://127.0.0.1:{target.port}/")
        self.addCleanup(redirect.close)
        self.assertIn("302", self.try_webhook(f"http://127.0.0.1:{redirect.port}/"))
        self.assertEqual((redirect.connections, target.connections), (1, 0))
        self.assertRegex(self.try_webhook("http://169.254.169.254/latest/"), "never|link-local")


class ReceiverTest(unittest.TestCase):
    """The receiver of docs/webhooks.md."""

    SECRET = "whsec_test"

    def setUp(self):
        text = (ROOT / "docs/webhooks.md").read_text()
        code = re.search(r"^```python\n(.*?)^```$", text, re.M | re.S)[1]
        self.child = subprocess.Popen(["/usr/bin/python3", "-c", code, "0"], stdout=subprocess.PIPE, text=True,
                                      env={**os.environ, "AISLEWATCH_WEBHOOK_SECRET": self.SECRET})
        self.port = int(self.child.stdout.readline().split()[-1])

    def tearDown(self):
        self.child.kill()
        self.child.wait()
        self.child.stdout.close()

    def send(self, event, stamp=None, secret=SECRET, signed=None):
        body = json.dumps(event).encode()
        stamp = str(int(time.time())) if stamp is None else str(stamp)
        digest = hmac.new(secret.encode(), stamp.encode() + b"." + (signed or body), hashlib.sha256).hexdigest()
        return rest(self.port, "POST", "/", body.decode(), {"Aislewatch-Signature": f"t={stamp},v1={digest}"}).status

    def test_what_is_forged_is_refused_and_what_is_repeated_counts_once(self):
        now = int(time.time())
        self.assertEqual(self.send({"id": "1", "type": "forged"}, secret="whsec_other"), 401)
        self.assertEqual(self.send({"id": "1", "type": "forged"}, signed=b'{"id": "1", "type": "real"}'), 401)
        for stamp in (now - 400, now + 400, "", "x", "-1"):
            self.assertEqual(self.send({"id": "1", "type": "old"}, stamp), 401)
        for _ in range(3):
            self.assertEqual(self.send({"id": "1", "type": "first"}, now), 204)
        self.assertEqual(self.send({"id": "2", "type": "second"}), 204)
        self.assertEqual([self.child.stdout.readline().split()[0] for _ in range(2)], ["first", "second"])


class BadInputTest(SecurityTest):

    def test_a_range_beyond_the_end(self):
        olga = self.services.login("olga")
        answer = self.ask("GET", f"/evidence/{SITE.clip}", headers={**olga, "Range": f"bytes={len(CLIP)}-"})
        self.assert_problem(answer, 416)
        self.assertEqual(answer.headers["Content-Range"], f"bytes */{len(CLIP)}")
        part = self.ask("GET", f"/evidence/{SITE.clip}", headers={**olga, "Range": f"bytes={len(CLIP) - 5}-"})
        self.assertEqual((part.status, part.body), (206, CLIP[-5:]))

    def test_a_zone_across_itself(self):
        corners = [{"x": x, "y": y} for x, y in ((0, 0), (1, 1), (1, 0), (0, 1))]
        camera = {"cameraId": "c3", "storeId": "store-1", "sourceUrl": "rtsp://camera.example/1",
                  "zones": [{"zoneId": "staff", "kind": "ZONE_KIND_RESTRICTED", "polygon": corners}]}
        words = self.assert_problem(self.ask("POST", "/cameras", camera, SITE.ada), 400, "cross")
        self.assertIn("staff", words)
        self.assertIn("corners", words)
        self.assert_problem(self.ask("GET", "/cameras/c3", headers=SITE.ada), 404)

    def test_ids_that_are_none(self):
        for path in ("/incidents/x", "/incidents/%00", "/incidents/1;DROP TABLE incidents".replace(" ", "%20"), "/evidence/..%2f..",
                     "/incidents?pageToken=nonsense", "/incidents/stream?lastEventId=nonsense"):
            answer = self.ask("GET", path, headers=SITE.ada)
            self.assertIn(answer.status, (400, 404), path)
            self.assert_problem(answer, answer.status)


class RetentionTest(SecurityTest):

    def test_an_incident_that_retention_removed_is_not_there(self):
        # Retention looks for the first time a minute after the start of a replica.
        path = f"/incidents/{SITE.ancient}"
        until("retention has been there", lambda: self.ask("GET", path, headers=SITE.ada).status == 404, 90)
        removed = self.assert_problem(self.ask("GET", path, headers=SITE.ada), 404)
        unknown = self.assert_problem(self.ask("GET", f"/incidents/{UNKNOWN}", headers=SITE.ada), 404)
        self.assertEqual(removed.replace(SITE.ancient, ""), unknown.replace(UNKNOWN, ""))


class Away(SecurityTest):

    PATHS = ("/incidents", "/cameras", "/incidents/stream", "/session")

    def assert_away(self):
        for path in self.PATHS:
            answer = until("it is away", lambda path=path: (lambda a: a if a.status >= 500 else None)(
                self.ask("GET", path, headers=SITE.ada)), 20)
            self.assert_problem(answer, 503, "try again")
            self.assertGreater(int(answer.headers["Retry-After"]), 0)
        self.assertEqual(self.services.rest("GET", "/healthz").status, 200)
        self.assertEqual(self.services.rest("GET", "/").status, 200)

    def await_return(self):
        until("it is back", lambda: self.ask("GET", "/incidents", headers=SITE.ada).status == 200, 30)


class EventStorageAwayTest(Away):

    def test_event_storage_away(self):
        self.services.events.stop(signal.SIGKILL)
        self.assert_away()
        self.services.events.start()
        self.await_return()


class DatabaseAwayTest(Away):

    def test_the_database_away(self):
        self.services.postgres.stop()
        self.assert_away()
        self.services.postgres.start()
        self.await_return()


def load_tests(loader, _, __):
    """Retention late, since it needs a minute; it would wait for another one where the database had been away."""
    suite = unittest.TestSuite()
    for case in (ReceiverTest, EventStorageAwayTest, RedirectTest, SessionTest, LockTest, ScopeTest, FilesTest, TargetTest,
                 BadInputTest, RetentionTest, DatabaseAwayTest):
        suite.addTests(loader.loadTestsFromTestCase(case))
    return suite


def main():
    global SITE
    with temporary_folder() as folder:
        console = folder / "console"
        (console / "assets").mkdir(parents=True)
        (console / "index.html").write_text("<p>console</p>")
        (folder / "secret.txt").write_text("the secret")
        (console / "link.txt").symlink_to(folder / "secret.txt")
        (folder / "stubs").mkdir()
        stubs.make(folder / "stubs")
        flags = (f"--console={console}", "--logins-per-minute=1000", "--requests-per-second=1000")
        with Services(folder, *flags) as services:
            SITE = Site(services)
            replica = Process(folder, "events", *services.events.flags)
            replica.start()  # The one that none of the tests restarts.
            try:
                result = unittest.main(exit=False, verbosity=2).result
            finally:
                replica.stop()
    sys.exit(0 if result.wasSuccessful() else 1)


if __name__ == "__main__":
    main()
