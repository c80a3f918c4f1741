"""http.conf and who may come in, through the real daemon: what the server promises to those who behave and to those who don't."""
import base64
import json
import socket
import ssl
import subprocess
import time
import unittest

from harness import DEFAULTS, Daemon, Sipp, eventually, need

SECRET = "ari:aripw"


def password_hash(password):
    return subprocess.run([need("openssl"), "passwd", "-6", "-salt", "pepper", password], capture_output=True, text=True,
                          check=True).stdout.strip()


class Http(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        hashed = password_hash("hashedpw")
        cls.daemon = Daemon({
            "http.conf": """
[general]
enabled = yes
servername = Peabody
bindaddr = @ADDRESS@
bindport = @HTTP@
prefix = pbx
sessionlimit = 60
session_inactivity = 1000
session_keep_alive = 1500
enable_static = yes
enable_status = yes
redirect = / /pbx/static/page.html
tlsenable = yes
tlsbindaddr = @ADDRESS@
tlscertfile = @ETC@/cert.pem
tlsprivatekey = @ETC@/key.pem
tlscipher = ECDHE+AESGCM
tlsdisablev12 = no
tlsservercipherorder = yes
[/ari/sounds]
type = restriction
deny = 0.0.0.0/0
""",
            "ari.conf": DEFAULTS["ari.conf"].replace("[ari]", "allowed_origins = http://app.example.com\n[ari]", 1) + f"""
[hashed]
type = user
password = {hashed}
password_format = crypt
[far]
type = user
password = farpw
deny = 0.0.0.0/0
permit = 192.0.2.0/24
[near]
type = user
password = nearpw
deny = 0.0.0.0/0
permit = 127.0.0.0/8
""",
        })
        subprocess.run([need("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                        "-nodes", "-days", "2", "-subj", "/CN=pbx.test", "-keyout", cls.daemon.etc / "key.pem",
                        "-out", cls.daemon.etc / "cert.pem"], check=True, capture_output=True)
        static = cls.daemon.tree / "data/static-http"
        static.mkdir()
        (static / "page.html").write_text("<p>hello</p>")
        cls.daemon.start()

    @classmethod
    def tearDownClass(cls):
        try:
            assert cls.daemon.stop() == 0, cls.daemon.output() + cls.daemon.log()[-3000:]
        finally:
            cls.daemon.remove()

    def connect(self, port=None):
        client = socket.create_connection((self.daemon.address, port or self.daemon.http_port), 10)
        self.addCleanup(client.close)
        return client

    def answer(self, client, buffer=b""):
        """One answer with Content-Length: (status, headers, body, what came behind it)."""
        while b"\r\n\r\n" not in buffer:
            data = client.recv(65536)
            if not data:
                raise EOFError(buffer)
            buffer += data
        head, _, buffer = buffer.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines[1:])
        length = int(headers.get("Content-Length", 0))
        while len(buffer) < length:
            data = client.recv(65536)
            if not data:
                raise EOFError(buffer)
            buffer += data
        return int(lines[0].split()[1]), headers, buffer[:length], buffer[length:]

    def request(self, line, *headers, user=SECRET, body=b""):
        client = self.connect()
        text = f"{line} HTTP/1.1\r\nHost: x\r\n"
        if user:
            text += "Authorization: Basic " + base64.b64encode(user.encode()).decode() + "\r\n"
        client.sendall((text + "".join(h + "\r\n" for h in headers) + "\r\n").encode() + body)
        return self.answer(client)[:3]

    def test_prefix_redirect_status_static_and_name(self):
        status, headers, _ = self.request("GET /pbx/httpstatus")
        self.assertEqual((status, headers["Server"]), (200, "Peabody"))
        self.assertEqual(self.request("GET /httpstatus")[0], 404)
        status, headers, _ = self.request("GET /pbx/")
        self.assertEqual((status, headers["Location"]), (302, "/pbx/static/page.html"))
        status, headers, body = self.request("GET /pbx/static/page.html")
        self.assertEqual((status, body), (200, b"<p>hello</p>"))
        self.assertEqual(self.request("GET /pbx/static/page.html", "If-None-Match: " + headers["ETag"])[0], 304)
        self.assertEqual(self.request("GET /pbx/ari/sounds")[0], 403)
        docs = json.loads(self.request("GET /pbx/ari/api-docs/resources.json")[2])
        self.assertEqual(docs["basePath"], "http://x/pbx/ari")

    def test_pipelining_and_keep_alive(self):
        client = self.connect()
        client.sendall(b"".join(b"GET /pbx/ari/channels/%d?api_key=ari:aripw HTTP/1.1\r\n\r\n" % i if i % 2 else
                                b"GET /pbx/ari/asterisk/ping?api_key=ari:aripw HTTP/1.1\r\n\r\n" for i in range(40)))
        rest = b""
        for i in range(40):
            status, headers, _, rest = self.answer(client, rest)
            self.assertEqual(status, 404 if i % 2 else 200)
            self.assertNotIn("Connection", headers)
        client.sendall(b"GET /pbx/ari/asterisk/ping?api_key=ari:aripw HTTP/1.0\r\n\r\n")
        self.assertEqual(self.answer(client)[1]["Connection"], "close")
        self.assertEqual(client.recv(1), b"")

    def test_chunked_bodies(self):
        body = json.dumps({"name": "n" * 3000}).encode()
        chunks = b"".join(b"%x;note=1\r\n%s\r\n" % (len(part), part)
                          for part in (body[i:i + 700] for i in range(0, len(body), 700))) + b"0\r\n\r\n"
        status, _, text = self.request("POST /pbx/ari/bridges", "Transfer-Encoding: chunked",
                                       "Content-Type: application/json", body=chunks)
        self.assertEqual((status, json.loads(text)["name"]), (200, "n" * 3000))
        self.request("DELETE /pbx/ari/bridges/" + json.loads(text)["id"])

    def test_limits(self):
        self.assertEqual(self.request("GET /pbx/ari/channels", "X: " + "h" * 20_000)[0], 431)
        self.assertEqual(self.request("GET /pbx/ari/channels", *[f"X-{i}: y" for i in range(200)])[0], 431)
        self.assertEqual(self.request("POST /pbx/ari/bridges", "Content-Length: 3000000")[0], 413)
        client = self.connect()  # a body that grows without saying how far
        client.sendall(b"POST /pbx/ari/bridges HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            for _ in range(200):
                client.sendall(b"4000\r\n" + b"a" * 0x4000 + b"\r\n")
        except OSError:
            pass  # it hung up on us: fine
        try:
            self.assertEqual(self.answer(client)[0], 413)
        except (EOFError, OSError):
            pass

    def seconds_until_closed(self, client, trickle=b""):
        began = time.monotonic()
        client.settimeout(0.2)
        while time.monotonic() - began < 15:
            try:
                if trickle:
                    client.sendall(trickle)
                if client.recv(65536) == b"":
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        return time.monotonic() - began

    def test_slow_clients_are_timed_out(self):
        idle = self.connect()
        self.assertLess(self.seconds_until_closed(idle), 8)
        half = self.connect()
        half.sendall(b"GET /pbx/ari/chan")
        self.assertLess(self.seconds_until_closed(half), 8)
        headers = self.connect()  # each byte in time, the whole not
        headers.sendall(b"GET /pbx/ari/channels HTTP/1.1\r\nX: ")
        self.assertLess(self.seconds_until_closed(headers, b"x"), 8)
        body = self.connect()
        body.sendall(b"POST /pbx/ari/bridges HTTP/1.1\r\nContent-Length: 9000\r\n\r\n")
        self.assertLess(self.seconds_until_closed(body, b"x"), 12)
        kept = self.connect()
        kept.sendall(b"GET /pbx/ari/asterisk/ping?api_key=ari:aripw HTTP/1.1\r\n\r\n")
        self.assertEqual(self.answer(kept)[0], 200)
        self.assertLess(self.seconds_until_closed(kept), 8)

    def test_the_session_limit(self):
        clients = [self.connect() for _ in range(75)]
        closed = 0
        for client in clients:
            client.settimeout(0.01)
            try:
                closed += client.recv(1) == b""
            except TimeoutError:
                pass
            except OSError:
                closed += 1
        self.assertGreaterEqual(closed, 15)
        for client in clients:
            client.close()
        def answered():
            try:
                return self.request("GET /pbx/ari/asterisk/ping")[0] == 200
            except (OSError, EOFError):
                return False
        eventually(answered, "there is room again")

    def tls(self, client, **versions):
        context = ssl.create_default_context(cafile=str(self.daemon.etc / "cert.pem"))
        context.check_hostname = False
        for name, value in versions.items():
            setattr(context, name, value)
        return context.wrap_socket(client)

    def test_tls(self):
        with self.tls(self.connect(8089), maximum_version=ssl.TLSVersion.TLSv1_2) as client:
            self.assertIn("GCM", client.cipher()[0])
            client.sendall(b"GET /pbx/ari/api-docs/resources.json?api_key=ari:aripw HTTP/1.1\r\nHost: h\r\n\r\n")
            status, _, body, _ = self.answer(client)
            self.assertEqual((status, json.loads(body)["basePath"]), (200, "https://h/pbx/ari"))
        with self.assertRaises(OSError):
            self.tls(self.connect(8089), minimum_version=ssl.TLSVersion.TLSv1, maximum_version=ssl.TLSVersion.TLSv1_1)
        # A crowd at the door that says nothing, or nonsense, keeps nobody out, and no call waits for it.
        crowd = [self.connect(8089) for _ in range(30)]
        for client in crowd[:15]:
            client.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"r" * 40)
        Sipp(self.daemon, "register_call.xml", options=["-s", "100"]).wait()
        with self.tls(self.connect(8089)) as client:
            client.sendall(b"GET /pbx/ari/asterisk/ping?api_key=ari:aripw HTTP/1.1\r\n\r\n")
            self.assertEqual(self.answer(client)[0], 200)

    def test_who_may_come_in(self):
        ping = "GET /pbx/ari/asterisk/ping"
        self.assertEqual(self.request(ping)[0], 200)
        status, headers, body = self.request(ping, user=None)
        self.assertEqual((status, headers["WWW-Authenticate"]), (401, 'Basic realm="Asterisk REST Interface"'))
        self.assertEqual(json.loads(body), {"message": "Authentication required"})
        for user in ("ari:wrong", "nobody:aripw", "ari", "hashed:wrong", "hashed:" + password_hash("hashedpw")):
            self.assertEqual(self.request(ping, user=user)[0], 401, user)
        for user in ("hashed:hashedpw", "hashed:hashedpw", "near:nearpw"):
            self.assertEqual(self.request(ping, user=user)[0], 200, user)
            self.assertEqual(self.request(f"{ping}?api_key={user}", user=None)[0], 200, user)
        self.assertEqual(self.request(ping, user="far:farpw")[0], 403)
        self.assertEqual(self.request("POST /pbx/ari/bridges", user="reader:readerpw")[0], 403)
        self.assertNotIn("aripw", self.daemon.log())

    def test_browsers(self):
        origin = "Origin: http://app.example.com"
        _, headers, _ = self.request("GET /pbx/ari/channels", origin)
        self.assertEqual(headers["Access-Control-Allow-Origin"], "http://app.example.com")
        status, headers, _ = self.request("OPTIONS /pbx/ari/channels", origin, "Access-Control-Request-Method: POST",
                                          "Access-Control-Request-Headers: content-type")
        self.assertEqual((status, headers["Access-Control-Allow-Methods"]), (204, "OPTIONS,GET,POST"))
        self.assertEqual(headers["Access-Control-Allow-Headers"], "content-type")
        # A browser asks before it has sent any credentials.
        ask = ("OPTIONS /pbx/ari/channels", "Access-Control-Request-Method: POST")
        self.assertEqual(self.request(*ask, origin, user=None)[0], 204)
        self.assertEqual(self.request(*ask, "Origin: http://evil.example.com", user=None)[0], 401)
        self.assertEqual(self.request("OPTIONS /pbx/ari/channels", origin, user=None)[0], 401)
        _, headers, _ = self.request("GET /pbx/ari/channels", "Origin: http://evil.example.com")
        self.assertNotIn("Access-Control-Allow-Origin", headers)


if __name__ == "__main__":
    unittest.main()
