"""The program itself: -rx, stop, restart, reload, --check, side by side, systemd."""
import os
import re
import signal
import socket
import subprocess
import time
import unittest

from harness import BINARY, Daemon, DaemonTest, eventually


class Console(DaemonTest):
    def test_version_and_uptime(self):
        self.assertRegex(self.daemon.cli("core show version"), r"^Asterisk 22\.\d+\.\d+ built by \S+ @ \S+ on a \S+ running Linux")
        self.assertRegex(self.daemon.cli("core show uptime seconds"), r"^System uptime: \d+\nLast reload: \d+\n$")

    def test_unknown_commands_exit_with_0(self):
        done = self.daemon.remote("nosuch")
        self.assertEqual((done.returncode, done.stdout),
                         (0, "No such command 'nosuch' (type 'core show help nosuch' for other possible commands)\n"))

    def test_database(self):
        self.assertEqual(self.daemon.cli("database put fam key1 value1"), "Updated database successfully\n")
        self.assertEqual(self.daemon.cli("database get fam key1"), "Value: value1\n")
        self.assertIn("/fam/key1                                         : value1                   \n",
                      self.daemon.cli("database show"))
        self.assertEqual(self.daemon.cli("database del fam key1"), "Database entry removed.\n")
        self.assertEqual(self.daemon.cli("database get fam key1"), "Database entry not found.\n")

    def test_channels_of_a_call(self):
        self.daemon.cli("channel originate Local/wait@default application Wait 20")
        eventually(lambda: re.search(r"Local/wait@default-\w+;2!default!wait!2!Up!Wait!60!", "".join(self.daemon.channels())),
                   "the call waits")
        self.assertIn("2 active channels", self.daemon.cli("core show channels count"))
        self.assertIn("Requested Hangup on channel 'Local/wait@default-", self.daemon.cli("channel request hangup all"))
        self.daemon.wait_idle()

    def test_modules_functions_applications(self):
        self.assertRegex(self.daemon.cli("module show like res_pjsip.so"), r"res_pjsip\.so .* Running +core\n1 modules loaded")
        self.assertIn("'Dial'", self.daemon.cli("core show application dial"))
        self.assertIn("LEN", self.daemon.cli("core show functions like LEN"))
        self.assertIn("Command 'core show application NoSuch' failed.", self.daemon.cli("core show application NoSuch"))

    def test_what_there_is(self):
        status = self.daemon.cli("http show status")
        self.assertIn(f"Server Enabled and Bound to {self.daemon.address}:{self.daemon.http_port}\n", status)
        self.assertIn("/ari/... => Asterisk RESTful API\n", status)
        self.assertTrue(status.endswith("Enabled Redirects:\n  None.\n\nPath Restrictions:\n  None.\n"), status)
        self.assertIn("us      busy            480+620/500,0/500\n", self.daemon.cli("indication show us"))
        self.assertIn("Class: default\n\tMode: files\n\tDirectory: ", self.daemon.cli("moh show classes"))
        self.assertRegex(self.daemon.cli("core show file formats"), r"ulaw +pcm +ulaw\|pcm\|ul\|mu\|ulw")
        self.assertIn("-- Info about channel driver: PJSIP --", self.daemon.cli("core show channeltype PJSIP"))
        self.assertIn("softmix", self.daemon.cli("bridge technology show"))
        self.assertIn("No local channels in use", self.daemon.cli("local show channels"))
        self.assertIn("memory returned to the system.", self.daemon.cli("malloc trim"))
        self.assertIn("cdr                            CDR Engine", self.daemon.cli("module show"))

    def test_agi_commands(self):
        self.assertRegex(self.daemon.cli("agi show commands"), r"^ +Dead +Command +Description\n +No +answer +\w")
        self.assertIn("Usage: GET VARIABLE", self.daemon.cli("agi show commands topic get variable"))
        self.assertIn("get full variable", self.daemon.cli("agi show commands get"))
        self.assertEqual(self.daemon.cli("agi set debug on"), "AGI Debugging Enabled\n")
        self.daemon.cli("agi set debug off")
        self.assertIn("Channel nosuch does not exist.", self.daemon.cli("agi exec nosuch NOOP"))

    def test_manager_sessions(self):
        with self.daemon.ami() as ami:
            self.daemon.cli("manager set debug on")
            ami.action("Ping")
            eventually(lambda: "Manager 'admin' from " in self.daemon.log(), "the action in the log")
            self.daemon.cli("manager set debug off")
            self.assertIn("Debug:                     No", self.daemon.cli("manager show settings"))
            number = re.search(r"admin +\S+ +\d+ +\d+ +(\d+) ", self.daemon.cli("manager show connected"))[1]
            self.assertIn("Kicking manager session", self.daemon.cli(f"manager kick session {number}"))
            with self.assertRaises((EOFError, OSError)):
                while True:
                    ami.message(5)
        self.daemon.cli("manager reload")

    def test_ari_commands(self):
        self.assertIn("No such ARI application 'x'", self.daemon.cli("ari show app x"))
        events = self.daemon.ari_events("x")
        self.daemon.ari("POST", "/applications/x/subscription?eventSource=deviceState:Stasis:a")
        shown = self.daemon.cli("ari show app x")
        self.assertIn("Name: x\n  Debug: No\n  Active: Yes\n", shown)
        self.assertIn("  Device states:\n    Stasis:a (1)\n", shown)
        self.daemon.cli("ari set debug x on")
        self.daemon.ari("PUT", "/deviceStates/Stasis:a?deviceState=BUSY")
        events.wait("DeviceStateChanged")
        eventually(lambda: "ARI event to 'x': {\"type\":\"DeviceStateChanged\"" in self.daemon.log(), "the event in the log")
        self.daemon.cli("ari set debug x off")
        line = re.search(r"(\d+) +inbound +127\.\S+ +ari +x\n1 websocket sessions", self.daemon.cli("ari show websocket sessions"))
        self.daemon.cli(f"ari shutdown websocket session {line[1]}")
        with self.assertRaises(EOFError):
            while events.text(5):
                pass
        events.socket.close()
        self.daemon.ari("DELETE", "/applications/x/subscription?eventSource=deviceState:Stasis:a")

    def test_a_hashed_password_for_ari(self):
        lines = self.daemon.cli("ari mkpasswd s3cret").splitlines()
        self.assertEqual(lines[1], "password_format = crypt")
        good = (self.daemon.etc / "ari.conf").read_text()
        try:
            (self.daemon.etc / "ari.conf").write_text(good + "[hashed]\ntype = user\n" + "\n".join(lines[1:]) + "\n")
            self.daemon.cli("module reload res_ari.so")
            self.assertEqual(self.daemon.ari("GET", "/bridges", user="hashed:s3cret")[0], 200)
            self.assertEqual(self.daemon.ari("GET", "/bridges", user="hashed:other")[0], 401)
        finally:
            (self.daemon.etc / "ari.conf").write_text(good)
            self.daemon.cli("module reload res_ari.so")

    def test_dialplan_show(self):
        shown = self.daemon.cli("dialplan show 100@phones")
        self.assertIn("[ Context 'phones' created by 'pbx_config' ]\n"
                      "  '100' =>          1. Answer()                                   [extensions.conf:", shown)
        self.assertIn("-= 1 extension (3 priorities) in 1 context. =-", shown)

    def test_a_reload_with_an_error_changes_nothing_and_says_where(self):
        good = (self.daemon.etc / "extensions.conf").read_text()
        try:
            (self.daemon.etc / "extensions.conf").write_text(good + "\n[broken\nexten => 1,1,NoOp()\n")
            self.daemon.cli("dialplan reload")
            line = good.count("\n") + 2
            eventually(lambda: f"extensions.conf:{line}" in self.daemon.log(), "the error's place in the log")
            self.assertIn("'100' =>", self.daemon.cli("dialplan show phones"))
            checked = subprocess.run([BINARY, "--check", "-C", self.daemon.conf], capture_output=True, text=True)
            self.assertEqual(checked.returncode, 1, checked.stderr)
            self.assertRegex(checked.stdout, rf"extensions\.conf:{line}: \S+")
        finally:
            (self.daemon.etc / "extensions.conf").write_text(good)
        checked = subprocess.run([BINARY, "--check", "-C", self.daemon.conf], capture_output=True, text=True)
        self.assertEqual((checked.returncode, checked.stdout), (0, ""))
        self.assertEqual(self.daemon.cli("dialplan reload"), "Dialplan reloaded.\n")

    def test_logger_rotates(self):
        self.daemon.cli("logger rotate")
        self.assertTrue((self.daemon.tree / "log/full.log.0").exists())
        self.daemon.process.send_signal(signal.SIGUSR1)
        self.daemon.cli("core show uptime")
        eventually(lambda: "full.log" in self.daemon.cli("logger show channels"), "the log")

    def test_sighup_reloads(self):
        self.assertIn("no existence of", self.daemon.cli("dialplan show new-context"))
        path = self.daemon.etc / "extensions.conf"
        path.write_text(path.read_text() + "\n[new-context]\nexten => 1,1,NoOp(x)\n")
        self.daemon.process.send_signal(signal.SIGHUP)
        eventually(lambda: "NoOp(x)" in self.daemon.cli("dialplan show new-context"), "the new context")


class Life(unittest.TestCase):
    def start(self, **kwargs):
        daemon = Daemon(**kwargs)
        self.addCleanup(daemon.remove)
        self.addCleanup(daemon.stop)
        return daemon.start()

    def test_without_a_daemon_x_says_so_and_fails(self):
        daemon = Daemon()
        self.addCleanup(daemon.remove)
        done = daemon.remote("core show version")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr,
                         f"Unable to connect to remote asterisk (does {daemon.tree}/run/asterisk.ctl exist?)\n")

    def test_stop_gracefully_waits_for_the_last_call(self):
        daemon = self.start()
        daemon.cli("channel originate Local/wait@default application Wait 20")
        eventually(lambda: len(daemon.channels()) == 2, "a call")
        stop = daemon.remote_process("core stop gracefully")
        eventually(lambda: "Stopping gracefully" in daemon.log(), "the stop")
        self.assertIsNone(daemon.process.poll(), daemon.log())
        self.assertIsNone(stop.poll(), "the command waits for the end")
        daemon.cli("channel originate Local/wait@default application Wait 20")
        self.assertEqual(len(daemon.channels()), 2, "new calls are refused")
        daemon.cli("channel request hangup all")
        self.assertEqual(stop.wait(5), 0)
        self.assertEqual(daemon.process.wait(5), 0)
        self.assertFalse((daemon.tree / "run/asterisk.ctl").exists())
        self.assertFalse((daemon.tree / "run/asterisk.pid").exists())

    def test_an_aborted_stop_lets_its_command_go(self):
        daemon = self.start()
        daemon.cli("channel originate Local/wait@default application Wait 20")
        eventually(lambda: len(daemon.channels()) == 2, "a call")
        stop = daemon.remote_process("core stop gracefully")
        eventually(lambda: "Stopping gracefully" in daemon.log(), "the stop")
        daemon.cli("core abort shutdown")
        self.assertEqual(stop.wait(5), 0)
        self.assertEqual(len(daemon.channels()), 2)

    def test_stop_returns_when_the_daemon_has_ended(self):
        for way in ("now", "gracefully"):
            daemon = self.start()
            daemon.cli(f"core stop {way}")
            # Its parent has not asked for the status yet, but the process has ended.
            self.assertIsNotNone(daemon.process.poll(), way)

    def test_stop_now_hangs_up(self):
        daemon = self.start()
        daemon.cli("channel originate Local/wait@default application Wait 20")
        eventually(lambda: len(daemon.channels()) == 2, "a call")
        daemon.cli("core stop now")
        self.assertEqual(daemon.process.wait(5), 0)

    def test_sigterm_and_sigint_stop_in_order(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            daemon = self.start()
            daemon.process.send_signal(number)
            self.assertEqual(daemon.process.wait(5), 0, daemon.output())

    def test_restart_is_the_same_process(self):
        daemon = self.start()
        daemon.cli("database put keep this value")
        daemon.cli("core restart gracefully")
        eventually(lambda: daemon.remote("core waitfullybooted").returncode == 0, "boot after restart", 5)
        self.assertIsNone(daemon.process.poll())
        self.assertEqual(int((daemon.tree / "run/asterisk.pid").read_text()), daemon.process.pid)
        self.assertEqual(daemon.cli("database get keep this"), "Value: value\n")

    def test_two_run_side_by_side_and_a_third_on_the_same_tree_refuses(self):
        one, two = self.start(), self.start()
        self.assertIn("Asterisk 22", one.cli("core show version"))
        self.assertIn("Asterisk 22", two.cli("core show version"))
        third = subprocess.run([BINARY, "-f", "-C", one.conf], capture_output=True, text=True, timeout=20)
        self.assertEqual(third.returncode, 1)
        self.assertIn("already running", third.stderr)
        self.assertIn("Asterisk 22", one.cli("core show version"))

    def test_goes_to_the_background_and_comes_back_when_ready(self):
        daemon = Daemon()
        self.addCleanup(daemon.remove)
        done = subprocess.run([BINARY, "-C", daemon.conf], capture_output=True, text=True, timeout=20)
        self.assertEqual(done.returncode, 0, done.stderr)
        pid = int((daemon.tree / "run/asterisk.pid").read_text())
        try:
            self.assertIn("fully booted", daemon.cli("core waitfullybooted"))
        finally:
            os.kill(pid, signal.SIGTERM)
            eventually(lambda: not (daemon.tree / "run/asterisk.pid").exists(), "the end")

    def test_tells_systemd(self):
        daemon = Daemon()
        self.addCleanup(daemon.remove)
        path = str(daemon.tree / "notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(path)
            manager.settimeout(10)
            daemon.env = {"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "300000"}
            daemon.start()
            self.addCleanup(daemon.stop)
            heard = []

            def until(what):
                while not any(what in h for h in heard):
                    heard.append(manager.recv(4096).decode())
            until("READY=1")
            until("WATCHDOG=1")
            daemon.process.send_signal(signal.SIGHUP)
            until("RELOADING=1")
            daemon.process.send_signal(signal.SIGTERM)
            until("STOPPING=1")
            daemon.process.wait(5)

    def test_boots_quickly_with_a_thousand_endpoints(self):
        phones = "".join(f"[p{i}](phone)\nauth=p{i}\naors=p{i}\n[p{i}](phone-auth)\nusername=p{i}\npassword=x\n"
                         f"[p{i}](phone-aor)\n" for i in range(1000))
        from harness import DEFAULTS
        daemon = Daemon({"pjsip.conf": DEFAULTS["pjsip.conf"] + phones})
        self.addCleanup(daemon.remove)
        began = time.monotonic()
        daemon.start(wait=False)
        self.addCleanup(daemon.stop)
        while not (daemon.tree / "run/asterisk.ctl").exists():
            time.sleep(0.005)
        daemon.cli("core waitfullybooted")
        took = time.monotonic() - began
        self.assertIn("Objects found: 1003", daemon.cli("pjsip list endpoints"))
        print(f"      boot with 1,000 endpoints: {took * 1000:.0f} ms (measured, not asserted)")


if __name__ == "__main__":
    unittest.main()
