"""AGI: Perl's Asterisk::AGI as a local script, plain socket servers, servers that hang or close in the middle."""
import shutil
import socket
import subprocess
import threading
import unittest

from harness import HERE, DaemonTest, eventually, need, DEFAULTS

PLAN = DEFAULTS["extensions.conf"] + """
[agi]
exten => perl,1,Answer()
 same => n,Set(GIVEN=it was given)
 same => n,AGI(agi.pl,one)
 same => n,UserEvent(After,Got: ${GOT},Back: ${BACK},Status: ${AGISTATUS})
 same => n,Hangup()
exten => fast,1,Answer()
 same => n,AGI(agi://@ADDRESS@:${PORT}/script?a=b,one two,three)
 same => n,UserEvent(After,Status: ${AGISTATUS},Var: ${FROMAGI})
 same => n,Hangup()
"""


class Server:
    """A FastAGI server for one session; `talk` gets a file in lines and what the environment said."""

    def __init__(self, address, talk):
        self.listener = socket.create_server((address, 0))
        self.port = self.listener.getsockname()[1]
        self.error = None
        self.thread = threading.Thread(target=self.run, args=(talk,), daemon=True)
        self.thread.start()

    def run(self, talk):
        try:
            self.listener.settimeout(10)
            connection, _ = self.listener.accept()
            with connection, connection.makefile("rwb", buffering=0) as lines:
                connection.settimeout(10)
                environment = {}
                while (line := lines.readline().decode().rstrip("\n")):
                    name, _, value = line.partition(": ")
                    environment[name] = value
                talk(lines, environment)
        except Exception as error:  # shown by the test that waits for it
            self.error = error
        finally:
            self.listener.close()

    def join(self):
        self.thread.join(15)
        if self.error:
            raise self.error


def say(lines, command):
    lines.write(command.encode() + b"\n")
    return lines.readline().decode().rstrip("\n")


class Agi(DaemonTest):
    config = {"extensions.conf": PLAN}

    def call(self, exten):
        self.daemon.cli(f"channel originate Local/{exten}@agi application Wait 30")

    def test_perl(self):
        need("perl")
        if subprocess.run(["perl", "-MAsterisk::AGI", "-e1"], capture_output=True).returncode:
            self.skipTest("Asterisk::AGI is not installed")
        shutil.copy(HERE / "agi.pl", self.daemon.tree / "agi-bin/agi.pl")
        (self.daemon.tree / "agi-bin/agi.pl").chmod(0o755)
        with self.daemon.ami() as ami:
            self.call("perl")
            event = ami.wait_event("UserEvent", UserEvent="Perl")
            self.assertEqual((event["Given"], event["Status"]), ("it was given", "6"))
            event = ami.wait_event("UserEvent", UserEvent="After", timeout=15)
            self.assertEqual((event["Got"], event["Back"], event["Status"]), ("perl/one", "kept", "SUCCESS"))
        self.daemon.wait_idle()

    def fast(self, talk, status, **wanted):
        server = Server(self.daemon.address, talk)
        self.daemon.cli(f"dialplan set global PORT {server.port}")
        with self.daemon.ami() as ami:
            self.call("fast")
            event = ami.wait_event("UserEvent", UserEvent="After", timeout=15)
            server.join()
            self.assertEqual(event["Status"], status)
            for name, value in wanted.items():
                self.assertEqual(event[name], value)
        self.daemon.wait_idle()

    def test_a_plain_socket_server(self):
        def talk(lines, environment):
            assert environment["agi_network_script"].startswith("script"), environment
            assert environment["agi_arg_1"] == "one two", environment
            assert environment["agi_extension"] == "fast", environment
            assert say(lines, 'SET VARIABLE FROMAGI "x y"') == "200 result=1"
            assert say(lines, "GET VARIABLE FROMAGI") == "200 result=1 (x y)"
            assert say(lines, "NONSENSE").startswith("510 Invalid or unknown command")
            assert say(lines, 'STREAM FILE beep ""').startswith("200 result=0 endpos=")
            assert say(lines, "CHANNEL STATUS") == "200 result=6"
            assert say(lines, 'VERBOSE "said in a call" 1') == "200 result=1"
        self.fast(talk, "SUCCESS", Var="x y")
        eventually(lambda: "said in a call" in self.daemon.log(), "the line")
        [line] = [line for line in self.daemon.log().splitlines() if "said in a call" in line]
        self.assertRegex(line, r"\]\[C-[0-9a-f]{8}\]")

    def test_a_server_that_closes_in_the_middle(self):
        def talk(lines, _):
            lines.write(b"GET VARI")
        self.fast(talk, "SUCCESS")

    def test_nobody_listens(self):
        with socket.create_server((self.daemon.address, 0)) as s:
            port = s.getsockname()[1]
        self.daemon.cli(f"dialplan set global PORT {port}")
        with self.daemon.ami() as ami:
            self.call("fast")
            self.assertEqual(ami.wait_event("UserEvent", UserEvent="After")["Status"], "FAILURE")
        self.daemon.wait_idle()

    def test_a_server_that_hangs_is_let_go_of_at_hangup(self):
        release = threading.Event()

        def talk(lines, _):
            assert lines.readline() in (b"HANGUP\n", b"")
            release.set()
        server = Server(self.daemon.address, talk)
        self.daemon.cli(f"dialplan set global PORT {server.port}")
        self.call("fast")
        eventually(lambda: len(self.daemon.channels()) == 2, "the call")
        eventually(lambda: "AGI" in "".join(self.daemon.channels()), "AGI")
        self.daemon.cli("channel request hangup all")
        self.daemon.wait_idle()
        self.assertTrue(release.wait(5))
        server.join()


if __name__ == "__main__":
    unittest.main()
