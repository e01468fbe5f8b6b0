#!/usr/bin/python3
"""A console without a browser: logs in at the gateway over HTTPS, asks it, and follows its stream of incidents.

console_client.py FOLDER login NAME PASSWORD_FILE
console_client.py FOLDER request METHOD PATH [JSON]
console_client.py FOLDER follow

FOLDER has ca.pem, and keeps the session. --at ADDRESS asks one replica; otherwise whichever the name has, in random
order. Prints lines of JSON, none of which has a secret: the answer, or, of `follow`, what happens to the stream. It does
with it what console/src/api/sse.ts does, except that it takes a stream for dead sooner.
"""
import argparse
import http.client
import json
import os
import pathlib
import random
import socket
import ssl
import time

NAME, PORT = "aislewatch-gateway", 8443
API = "/api/v1"
CONNECT_SECONDS = 1
HEAD_SECONDS = 20
# The gateway of this test sends a line every second; by default it is one in 15 s, and consoles wait for 40 s.
SILENCE_SECONDS = 3
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 8


def tell(**what):
    print(json.dumps({"at": time.time(), **what}), flush=True)


def tell_event(event, cursor, data):
    transition, review = data.get("transition"), data.get("review")
    tell(what="event", event=event, id=cursor, incident=transition and transition["incident"]["incidentId"],
         number=transition and transition["number"], review=review and review["reviewId"])


class Unreachable(Exception):
    pass


class Console:
    def __init__(self, folder, at):
        self.session, self.at, self.shunned = folder / "session.json", at, None
        self.tls = ssl.create_default_context(cafile=folder / "ca.pem")

    def addresses(self):
        if self.at:
            return [self.at]
        found = sorted({entry[4][0] for entry in socket.getaddrinfo(NAME, PORT, socket.AF_INET, socket.SOCK_STREAM)})
        random.shuffle(found)
        # Who refused the stream comes last, so that no test waits for luck.
        return sorted(found, key=lambda address: address == self.shunned)

    def connect(self):
        """A connection with a replica that takes one, its socket and its address."""
        why = {}
        for address in self.addresses():
            connection = http.client.HTTPSConnection(NAME, PORT)
            try:
                plain = socket.create_connection((address, PORT), CONNECT_SECONDS)
                connection.sock = self.tls.wrap_socket(plain, server_hostname=NAME)
                connection.sock.settimeout(HEAD_SECONDS)
                return connection, connection.sock, address
            except OSError as error:
                why[address] = str(error)
        raise Unreachable(str(why))

    def ask(self, method, path, body=None, headers=None):
        """(response, socket, address), with the session where there is one."""
        headers = dict(headers or {})
        if self.session.exists():
            session = json.loads(self.session.read_text())
            headers["Cookie"] = session["cookie"]
            if method != "GET":
                headers["X-CSRF-Token"] = session["csrf"]
        if body is not None:
            headers["Content-Type"] = "application/json"
        connection, sock, address = self.connect()
        connection.request(method, path, body, headers)
        return connection.getresponse(), sock, address

    def log_in(self, name, password):
        self.session.unlink(missing_ok=True)
        response, _, address = self.ask("POST", API + "/session", json.dumps({"name": name, "password": password}))
        answer = json.loads(response.read())
        if response.status == 200:
            cookie = response.getheader("Set-Cookie").split(";")[0]
            self.session.touch(0o600)
            self.session.write_text(json.dumps({"cookie": cookie, "csrf": answer["csrfToken"]}))
        tell(host=address, status=response.status)

    def request(self, method, path, body):
        start = time.monotonic()
        response, _, address = self.ask(method, path, body)
        data = response.read()
        content_type = response.getheader("Content-Type", "")
        tell(host=address, status=response.status, type=content_type, seconds=time.monotonic() - start, bytes=len(data),
             body=data.decode() if "json" in content_type else "")

    # --- the stream ---

    def follow(self):
        cursor, pause = "0", FIRST_PAUSE
        while True:
            wait = None
            try:
                response, sock, address = self.ask("GET", API + "/incidents/stream", headers={
                    "Accept": "text/event-stream", "Last-Event-ID": cursor})
                if response.status == 200:
                    pause, self.shunned = FIRST_PAUSE, None
                    tell(what="open", host=address)
                    sock.settimeout(SILENCE_SECONDS)
                    cursor = self.read(response, cursor)
                else:
                    self.shunned = address
                    wait = float(response.getheader("Retry-After", 0)) or None
                    tell(what="refused", host=address, status=response.status, type=response.getheader("Content-Type"),
                         body=response.read().decode())
                sock.close()
            except (Unreachable, OSError, http.client.HTTPException) as error:
                tell(what="unreachable", why=repr(error))
            time.sleep(wait or pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    @staticmethod
    def read(response, cursor):
        """Until the stream breaks; the id of the last event that came whole."""
        heard, event, why = time.time(), {}, "it ended"
        try:
            while line := response.readline().decode():
                heard = time.time()
                name, _, value = line.strip("\r\n").partition(":")
                if name:  # A comment has none.
                    event[name] = value.removeprefix(" ")
                elif line.strip() == "":
                    if "data" in event:
                        cursor = event.get("id", cursor)
                        tell_event(event["event"], cursor, json.loads(event["data"]))
                    event = {}
        except (OSError, http.client.HTTPException) as error:
            why = repr(error)
        tell(what="cut", heard=heard, why=why)
        return cursor


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--at", metavar="ADDRESS")
    parser.add_argument("folder", type=pathlib.Path)
    commands = parser.add_subparsers(dest="command", required=True)
    login = commands.add_parser("login")
    login.add_argument("name")
    login.add_argument("password_file", type=pathlib.Path)
    request = commands.add_parser("request")
    request.add_argument("method")
    request.add_argument("path")
    request.add_argument("body", nargs="?")
    commands.add_parser("follow")
    arguments = parser.parse_args()
    os.umask(0o077)
    console = Console(arguments.folder, arguments.at)
    if arguments.command == "login":
        console.log_in(arguments.name, arguments.password_file.read_text().strip())
    elif arguments.command == "request":
        console.request(arguments.method, arguments.path, arguments.body)
    else:
        console.follow()


if __name__ == "__main__":
    main()
