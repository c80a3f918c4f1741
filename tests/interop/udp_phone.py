"""A phone that is a UDP socket, for what sipp and baresip do not do."""
import hashlib
import re
import socket


class Message:
    def __init__(self, data):
        head, _, self.body = data.decode().partition("\r\n\r\n")
        self.first, *self.lines = head.split("\r\n")

    def header(self, name):
        for line in self.lines:
            key, _, value = line.partition(":")
            if key.lower() == name.lower():
                return value.strip()
        return None


class UdpPhone:
    """Speaks as little SIP as a test needs: a password when asked for one, and answers to NOTIFY."""

    def __init__(self, daemon, user, password):
        self.daemon, self.user, self.password = daemon, user, password
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((daemon.address, 0))
        self.socket.settimeout(10)
        self.port = self.socket.getsockname()[1]
        self.count = 0
        self.contact = f"sip:{user}@{daemon.address}:{self.port}"

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def receive(self, timeout=10):
        self.socket.settimeout(timeout)
        return Message(self.socket.recv(65536))

    def send(self, method, uri, call_id, headers=(), to_tag="", authorization=None, body="", cseq=None):
        self.count += 1
        lines = [f"{method} {uri} SIP/2.0",
                 f"Via: SIP/2.0/UDP {self.daemon.address}:{self.port};rport;branch=z9hG4bK{self.port}-{self.count}",
                 "Max-Forwards: 70", f"From: <sip:{self.user}@{self.daemon.address}>;tag={call_id}-f",
                 f"To: <{uri}>{to_tag and ';tag=' + to_tag}", f"Call-ID: {call_id}", f"CSeq: {cseq or self.count} {method}",
                 f"Contact: <{self.contact}>", *headers]
        if authorization:
            lines.append("Authorization: " + authorization)
        if body:
            lines.append("Content-Type: application/sdp")
        text = "\r\n".join(lines) + f"\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        self.socket.sendto(text.encode(), (self.daemon.address, self.daemon.sip_port))

    def ask(self, method, uri, call_id, headers, to_tag=""):
        """Sends it, with a password when one is asked for; returns the final response."""
        self.send(method, uri, call_id, headers, to_tag)
        answer = self.receive()
        if not answer.first.startswith("SIP/2.0 401 "):
            return answer
        challenge = dict(re.findall(r'(\w+)="?([^",]+)"?', answer.header("WWW-Authenticate")))

        def md5(text):
            return hashlib.md5(text.encode()).hexdigest()
        secret = md5(f"{self.user}:{challenge['realm']}:{self.password}")
        response = md5(f"{secret}:{challenge['nonce']}:00000001:abc:auth:{md5(f'{method}:{uri}')}")
        self.send(method, uri, call_id, headers, to_tag,
                  f'Digest username="{self.user}",realm="{challenge["realm"]}",nonce="{challenge["nonce"]}",'
                  f'uri="{uri}",response="{response}",algorithm=MD5,qop=auth,nc=00000001,cnonce="abc",'
                  f'opaque="{challenge["opaque"]}"')
        return self.receive()

    def subscribe(self, exten, event, *headers, expires=600, call_id=None, to_tag=""):
        return self.ask("SUBSCRIBE", f"sip:{exten}@{self.daemon.address}:{self.daemon.sip_port}",
                        call_id or f"{event}-{self.port}-{self.count}",
                        [f"Event: {event}", f"Expires: {expires}", *headers], to_tag)

    def notified(self):
        """The next NOTIFY, answered."""
        message = self.receive()
        assert message.first.startswith("NOTIFY "), message.first
        self.answer(message)
        return message

    def answer(self, message):
        """200 to a request."""
        lines = ["SIP/2.0 200 OK"]
        lines += [line for line in message.lines if line.split(":")[0] in ("Via", "From", "To", "Call-ID", "CSeq")]
        text = "\r\n".join(lines) + "\r\nContent-Length: 0\r\n\r\n"
        self.socket.sendto(text.encode(), (self.daemon.address, self.daemon.sip_port))

    def silent(self, seconds=0.3):
        try:
            message = self.receive(seconds)
        except (TimeoutError, socket.timeout):
            return True
        raise AssertionError(f"came: {message.first}\n{message.body}")
