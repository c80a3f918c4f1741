"""Clients of the daemon that the tests are themselves: AMI, and the events of ARI."""
import json
import socket
import time

from websocket_client import WebSocket


class Ami:
    """A plain AMI client; `events` are all messages so far that answer no request of ours."""

    def __init__(self, daemon, login=True, events=True):
        self.socket = socket.create_connection((daemon.address, daemon.ami_port), 10)
        self.buffer = b""
        self.greeting = self.line()
        self.events = []
        self.count = 0
        if login:
            answer = self.action("Login", Username="admin", Secret="adminpw", Events="on" if events else "off")
            assert answer["Response"] == "Success", answer

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def line(self):
        while b"\r\n" not in self.buffer:
            data = self.socket.recv(65536)
            if not data:
                raise EOFError("AMI closed")
            self.buffer += data
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line.decode(errors="replace")

    def message(self, timeout=10):
        self.socket.settimeout(timeout)
        headers = {}
        while True:
            line = self.line()
            if not line:
                if headers:
                    return headers
                continue
            name, _, value = line.partition(":")
            value = value[1:] if value.startswith(" ") else value
            headers[name] = headers[name] + "\n" + value if name in headers else value

    def send(self, name, **headers):
        self.count += 1
        action_id = f"t{self.count}"
        lines = [f"Action: {name}", f"ActionID: {action_id}"]
        for key, value in headers.items():
            for one in value if isinstance(value, list) else [value]:
                lines.append(f"{key}: {one}")
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        return action_id

    def action(self, name, **headers):
        action_id = self.send(name, **headers)
        while True:
            message = self.message()
            if "Response" in message and message.get("ActionID") == action_id:
                return message
            self.events.append(message)

    def wait_event(self, name, timeout=10, **wanted):
        """The next event of this name whose headers are as wanted; looks at those that have come already first."""
        end = time.monotonic() + timeout

        def fits(event):
            return event.get("Event") == name and all(event.get(k) == v for k, v in wanted.items())
        for index, event in enumerate(self.events):
            if fits(event):
                del self.events[index]
                return event
        while True:
            left = end - time.monotonic()
            if left <= 0:
                raise AssertionError(f"no event {name} {wanted} within {timeout} s")
            try:
                message = self.message(left)
            except (TimeoutError, socket.timeout):
                raise AssertionError(f"no event {name} {wanted} within {timeout} s; seen: "
                                     f"{[e.get('Event') for e in self.events][-40:]}") from None
            if fits(message):
                return message
            self.events.append(message)


class Events(WebSocket):
    """A client on /ari/events; `events` are all that have come and that nobody asked for yet. Each is checked against the
    models."""

    def __init__(self, daemon, query, user="ari:aripw", receive_buffer=None, target=None):
        self.daemon = daemon
        self.events = []
        super().__init__(daemon.address, daemon.http_port, target or f"/ari/events?{query}&api_key={user}",
                         receive_buffer=receive_buffer)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def text(self, timeout=10.0):
        """The next event as it came; None when there was none."""
        text = self.receive(timeout)
        if text is not None:
            self.daemon.schema().check_event(json.loads(text))
        return text

    def next(self, timeout=10.0):
        """The next event as JSON."""
        text = self.text(timeout)
        if text is None:
            raise TimeoutError(f"nothing came within {timeout} s")
        return json.loads(text)

    def wait(self, kind, timeout=10, **wanted):
        """The next event of this type whose members are as wanted."""
        end = time.monotonic() + timeout

        def fits(event):
            return event["type"] == kind and all(event.get(key) == value for key, value in wanted.items())
        for index, event in enumerate(self.events):
            if fits(event):
                del self.events[index]
                return event
        while True:
            try:
                event = self.next(max(0.01, end - time.monotonic()))
            except TimeoutError:
                raise AssertionError(f"no {kind} {wanted} within {timeout} s; seen: "
                                     f"{[e['type'] for e in self.events][-40:]}") from None
            if fits(event):
                return event
            self.events.append(event)

    def say(self, message):
        self.send(json.dumps(message))
