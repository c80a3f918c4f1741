"""Golden transcripts: what is asked of ARI and HTTP, and every byte that is to come back, replayed against the daemon.

A transcript (golden/*.yaml) is a list of steps:

  - GET /ari/asterisk/ping          a request; further keys: user, body (JSON), raw (text), headers, with
    status: 200 OK                  the first line behind the version
    names: [Server, Date, ...]      the headers in their order; "Name: value" where the value matters
    answer: '{"ping": ...}'         the body
  - listen: app                     opens an application's WebSocket (more: its further parameters)
  - events: app                     what comes over it: these events in this order, as text
    expect: ['{"type": ...}']
  - say: app                        sends a text over it (REST over WebSocket)
  - quiet: app                      nothing comes any more
  - cli: channel request hangup all
  - pause: 0.1

<time> stands for a moment, <any> for anything without a quote, <number> for a number, <id NAME> for something without
a quote that is the same wherever NAME stands. Run this file to have it fill in what the daemon says:

    golden.py golden/bridges.yaml   prints the transcript as it went, to be looked at before it is kept
"""
import base64
import json
import pathlib
import re
import socket
import sys
import time

import yaml

from harness import HERE, Daemon, Events

FOLDER = HERE / "golden"
DEFAULT_NAMES = ["Server", "Date", "Cache-Control"]
PLACE = re.compile(r"<(time|any|number|id [\w.;-]+)>")
PATTERNS = {"time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d{4}", "any": r'[^"]*?', "number": r"-?\d+(?:\.\d+)?"}


class Mismatch(AssertionError):
    pass


class Replay:
    def __init__(self, daemon):
        self.daemon = daemon
        self.known = {}
        self.sockets = {}

    # ---- texts with places ----

    def fill(self, text):
        """A request's text, with what is known by now."""
        return PLACE.sub(lambda m: self.known[m[1][3:]] if m[1].startswith("id ") else m[0], text)

    def compare(self, wanted, got, what):
        pattern, at, fresh = "", 0, {}
        for place in PLACE.finditer(wanted):
            pattern += re.escape(wanted[at:place.start()])
            at = place.end()
            kind = place[1]
            if not kind.startswith("id "):
                pattern += PATTERNS[kind]
            elif kind[3:] in self.known:
                pattern += re.escape(self.known[kind[3:]])
            elif kind in fresh:
                pattern += f"(?P={fresh[kind]})"
            else:
                fresh[kind] = f"g{len(fresh)}"
                pattern += f'(?P<{fresh[kind]}>[^"]+?)'
        found = re.fullmatch(pattern + re.escape(wanted[at:]), got, re.S)
        if not found:
            raise Mismatch(f"{what}\n  expected {wanted}\n       got {got}")
        for kind, group in fresh.items():
            self.known[kind[3:]] = found[group]

    # ---- requests ----

    def request(self, line, step):
        method, target = self.fill(line).split(" ", 1)
        body = step.get("raw")
        lines = [f"{method} {target} HTTP/1.1", f"Host: {self.daemon.address}:{self.daemon.http_port}"]
        user = step.get("user", "ari:aripw")
        if user:
            lines.append("Authorization: Basic " + base64.b64encode(user.encode()).decode())
        if "body" in step:
            body = json.dumps(step["body"])
            lines.append("Content-Type: application/json")
        lines += [self.fill(one) for one in step.get("with", [])]
        if body is not None:
            lines.append(f"Content-Length: {len(body.encode())}")
        with socket.create_connection((self.daemon.address, self.daemon.http_port), 10) as to:
            to.sendall(("\r\n".join(lines) + "\r\n\r\n" + (body or "")).encode())
            with to.makefile("rb") as source:
                first, *headers = iter(lambda: source.readline().decode().rstrip("\r\n"), "")
                length = next((int(h.split(": ")[1]) for h in headers if h.lower().startswith("content-length:")), 0)
                answer = source.read(length)
        version, status = first.split(" ", 1)
        if version != "HTTP/1.1":
            raise Mismatch(f"{line}: {first}")
        return status, headers, answer.decode()

    def check_request(self, line, step):
        status, headers, answer = self.request(line, step)
        self.compare(step.get("status", "200 OK"), status, line)
        wanted = step.get("names", default_names(answer))
        got = [h if w is not None and ": " in w else h.split(": ")[0]
               for h, w in zip(headers, wanted + [None] * len(headers))]
        self.compare(" | ".join(wanted), " | ".join(got), f"{line}: headers")
        self.compare(step.get("answer", ""), answer, line)
        path = self.fill(line).split(" ", 1)[1]
        if path.startswith("/ari/") and not path.startswith(("/ari/events?", "/ari/api-docs", "/ari/openapi")) and \
                not line.startswith("OPTIONS"):
            self.daemon.schema().check_answer(line.split(" ")[0], path[4:], int(status[:3]),
                                              json.loads(answer) if answer else None)

    # ---- all steps ----

    def run(self, step):
        for key, value in step.items():
            if key.split(" ")[0] in ("GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH"):
                raise Mismatch(f"a request stands under 'ask': {key}")
        if "ask" in step:
            self.check_request(step["ask"], step)
        elif "listen" in step:
            name = step["listen"]
            opened = Events(self.daemon, f"app={name}{step.get('more', '')}", step.get("user", "ari:aripw"),
                            target=step.get("target"))
            self.compare(step.get("status", "101 Switching Protocols"), opened.first_line.split(" ", 1)[1],
                         f"listen: {name}")
            if "names" in step:
                self.compare(" | ".join(step["names"]), " | ".join(n for n, _ in opened.headers), f"listen: {name}")
            if opened.open:
                known_as = step.get("as", name)
                if known_as in self.sockets:
                    self.sockets[known_as].close()
                self.sockets[known_as] = opened
            else:
                self.compare(step.get("answer", ""), opened.refused, f"listen: {name}")
                opened.close()
        elif "events" in step:
            for wanted in step["expect"]:
                got = self.sockets[step["events"]].text(5)
                if got is None:
                    raise Mismatch(f"nothing came to {step['events']}\n  expected {wanted}")
                self.compare(wanted, got, f"event of {step['events']}")
        elif "say" in step:
            self.sockets[step["say"]].send(self.fill(step["text"]))
        elif "quiet" in step:
            got = self.sockets[step["quiet"]].text(step.get("for", 0.15))
            if got is not None:
                raise Mismatch(f"to {step['quiet']} came more: {got}")
        elif "hang" in step:
            self.sockets.pop(step["hang"]).close()
        elif "cli" in step:
            self.daemon.cli(self.fill(step["cli"]))
        elif "pause" in step:
            time.sleep(step["pause"])
        else:
            raise Mismatch(f"a step that does nothing: {step}")

    def close(self):
        for one in self.sockets.values():
            one.close()


def default_names(answer):
    return DEFAULT_NAMES + (["Content-type"] if answer else []) + ["Content-Length"]


def load(path):
    return yaml.safe_load(pathlib.Path(path).read_text())


def play(path, daemon):
    replay = Replay(daemon)
    try:
        for number, step in enumerate(load(path)["steps"], 1):
            try:
                replay.run(step)
            except (AssertionError, OSError, EOFError) as error:
                raise Mismatch(f"{pathlib.Path(path).name}, step {number}: {error}") from error
    finally:
        replay.close()


# ---- making one ----

class Generalizer:
    """Puts places where a daemon says something else each time it runs."""

    def __init__(self):
        self.names = {}

    def __call__(self, text):
        def name(found):
            return f"<id {self.names.setdefault(found[0], f'n{len(self.names) + 1}')}>"
        text = re.sub(PATTERNS["time"], "<time>", text)
        text = re.sub(r'("asterisk_id":")[^"]+', r"\1<any>", text)
        text = re.sub(r'/tmp/asterism-[^/"]+', "<any>", text)
        text = re.sub(r"127\.\d+\.\d+\.\d+(:\d+)?", "<any>", text)
        text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", name, text)
        return re.sub(r"\b\d{10}\.\d+\b", name, text)


def record(path, daemon):
    """Prints the steps with what the daemon says now, moments made general."""
    replay = Replay(daemon)
    generalize = Generalizer()
    for step in load(path)["steps"]:
        if "ask" in step:
            status, headers, answer = replay.request(step["ask"], step)
            print(f"- ask: {json.dumps(step['ask'])}")
            for key in ("user", "body", "raw", "with"):
                if key in step:
                    print(f"  {key}: {json.dumps(step[key])}")
            if status != "200 OK":
                print(f"  status: {status}")
            names = [h.split(": ")[0] for h in headers]
            if names != default_names(answer):
                shown = [h.split(": ")[0] if h.split(": ")[0] in ("Date", "Content-Length", "Content-Type") else generalize(h)
                         for h in headers]
                print(f"  names: {json.dumps(shown)}")
            if answer:
                print("  answer: " + quoted(generalize(answer)))
            if "answer" in step:
                try:
                    replay.compare(step["answer"], answer, step["ask"])
                except Mismatch as error:
                    print(f"# {error}")
        elif "events" in step:
            print(f"- events: {step['events']}\n  expect:")
            expect = list(step["expect"])
            while (text := replay.sockets[step["events"]].text(step.get("for", 0.7))) is not None:
                print("  - " + quoted(generalize(text)))
                if expect:
                    try:
                        replay.compare(expect.pop(0), text, "event")
                    except Mismatch as error:
                        print(f"# {error}")
        else:
            replay.run(step)
            print("- " + json.dumps(step))
    replay.close()


def quoted(text):
    return "'" + text.replace("'", "''") + "'" if "\n" not in text else json.dumps(text)


if __name__ == "__main__":
    target = Daemon(load(sys.argv[1]).get("config")).start()
    try:
        record(sys.argv[1], target)
    finally:
        target.stop()
        target.remove()
