"""Whoever is served by a running cluster: an open console, somebody who mistypes a password, a receiver of webhooks."""
import contextlib
import http.server
import json
import threading
import urllib.error
import urllib.request


class Receiver(http.server.BaseHTTPRequestHandler):
    """Takes every event."""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


class People:
    """Threads that go on until it is closed."""

    def __init__(self, gateway):
        self.base = f"http://{gateway}"
        self.over = threading.Event()
        self.receiver = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
        self.threads = [threading.Thread(target=target, args=args, daemon=True) for target, args in (
            (self.receiver.serve_forever, ()), (self.look, ()),
            (self.follow, ("/api/v1/incidents/stream",)),
            (self.follow, ("/api/v1/live?cameraIds=simulated&images=false",)))]

    def __enter__(self):
        self.ask("/api/v1/webhooks", {"webhook": {"name": "test", "enabled": True,
                                              "url": f"http://127.0.0.1:{self.receiver.server_port}/"}})
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.receiver.shutdown()

    def ask(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.read()

    def look(self):
        """Every page asks something; a password is mistyped now and then, below what is limited."""
        rounds = 0
        while not self.over.wait(2):
            with contextlib.suppress(urllib.error.URLError):
                for path in ("/api/v1/incidents", "/api/v1/cameras", "/api/v1/nothing"):
                    with contextlib.suppress(urllib.error.HTTPError):
                        self.ask(path)
                if rounds % 10 == 0:
                    self.ask("/api/v1/session", {"name": "nobody", "password": "mistyped again"})
            rounds += 1

    def follow(self, path):
        """Reads a stream; comes back when it ends."""
        while not self.over.wait(1):
            with contextlib.suppress(OSError), urllib.request.urlopen(self.base + path, timeout=60) as stream:
                while not self.over.is_set() and stream.readline():
                    pass
