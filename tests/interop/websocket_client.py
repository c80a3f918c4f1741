"""A WebSocket client that shows every byte of the handshake; RFC 6455 as far as ARI needs it. Blocking."""
import base64
import hashlib
import os
import socket
import struct
import time


class WebSocket:
    """`first_line` and `headers` are the answer's, in their order, `status` its number; `refused` the body of another
    than 101."""

    def __init__(self, address, port, target, headers=(), protocol="ari", timeout=10, receive_buffer=None):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(timeout)
        self.socket.connect((address, port))
        self.buffer = b""
        self.open = False
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET {target} HTTP/1.1", f"Host: {address}:{port}", "Upgrade: websocket", "Connection: Upgrade",
                 f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13"]
        if protocol:
            lines.append(f"Sec-WebSocket-Protocol: {protocol}")
        lines += [f"{name}: {value}" for name, value in headers]
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        self.first_line, self.headers = self.read_head()
        self.status = int(self.first_line.split(" ")[1])
        self.refused = None
        if self.status != 101:
            length = int(dict((k.lower(), v) for k, v in self.headers).get("content-length", "0"))
            self.refused = self.take(length).decode()
            return
        wanted = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
        if dict(self.headers).get("Sec-WebSocket-Accept") != wanted:
            raise AssertionError(f"wrong Sec-WebSocket-Accept: {self.headers}")
        self.open = True

    def read_head(self):
        while b"\r\n\r\n" not in self.buffer:
            self.more()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        lines = head.decode().split("\r\n")
        return lines[0], [tuple(line.split(": ", 1)) for line in lines[1:]]

    def more(self):
        data = self.socket.recv(65536)
        if not data:
            raise EOFError("the WebSocket was closed")
        self.buffer += data

    def take(self, count):
        while len(self.buffer) < count:
            self.more()
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def receive(self, timeout=10.0):
        """The next text; None when nothing came in time. EOFError when the server closed it."""
        end = time.monotonic() + timeout
        while True:
            # A frame is taken off whole or not at all.
            frame = self.frame()
            if frame is not None:
                opcode, payload = frame
                if opcode == 1:
                    return payload.decode()
                if opcode == 8:
                    raise EOFError("the WebSocket was closed")
                if opcode == 9:
                    self.send_frame(10, payload)
                continue
            left = end - time.monotonic()
            if left <= 0:
                return None
            self.socket.settimeout(left)
            try:
                self.more()
            except (TimeoutError, socket.timeout):
                return None
            finally:
                self.socket.settimeout(10)

    def frame(self):
        if len(self.buffer) < 2:
            return None
        first, second = self.buffer[0], self.buffer[1]
        at, length = 2, second & 127
        if length == 126:
            at, length = 4, int.from_bytes(self.buffer[2:4], "big")
        elif length == 127:
            at, length = 10, int.from_bytes(self.buffer[2:10], "big")
        if len(self.buffer) < at + length or at > len(self.buffer):
            return None
        payload, self.buffer = self.buffer[at:at + length], self.buffer[at + length:]
        if not first & 0x80:
            raise AssertionError("a message in parts was not expected")
        return first & 15, payload

    def send(self, text):
        self.send_frame(1, text.encode())

    def send_frame(self, opcode, payload):
        mask = os.urandom(4)
        head = bytes([0x80 | opcode])
        if len(payload) < 126:
            head += bytes([0x80 | len(payload)])
        elif len(payload) < 65536:
            head += bytes([0x80 | 126]) + struct.pack(">H", len(payload))
        else:
            head += bytes([0x80 | 127]) + struct.pack(">Q", len(payload))
        self.socket.sendall(head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(payload)))

    def close(self):
        if self.open:
            self.open = False
            try:
                self.send_frame(8, b"\x03\xe8")
            except OSError:
                pass
        self.socket.close()
