"""Programs that run beside a call: EAGI scripts that hear the caller, mpg123 for MP3Player. The caller is RTP of ours."""
import os
import socket
import stat
import sys
import time

import test_media_channels as media
from harness import DEFAULTS, SOUNDS, Daemon, DaemonTest, eventually

LISTEN = f"""#!{sys.executable}
import os
import sys
while sys.stdin.readline().strip():
    pass
heard = silent = 0
while not heard and silent < 16000 * 10:
    data = os.read(3, 320)
    assert len(data) % 2 == 0, len(data)
    samples = memoryview(data).cast("h")
    heard = max(map(abs, samples))
    heard = heard if heard > 1000 else 0
    silent += len(data)
print("SET VARIABLE HEARD", heard, flush=True)
sys.stdin.readline()
"""
# Does not read what it hears: nothing may wait for it.
DEAF = """#!/bin/sh
while read line && [ -n "$line" ]; do :; done
echo EXEC Wait 6
read answer
echo SET VARIABLE HEARD nothing
read answer
"""
# A menu: plays a file, tells its arguments by a variable, waits for the file's end.
MENU = f"""#!{sys.executable}
import sys
def say(line):
    print(line, flush=True)
say("V,GIVEN=" + "/".join(sys.argv[1:]))
say("A,beep")
for line in sys.stdin:
    if line.startswith("F,"):
        say("V,FINISHED=" + line.strip().split(",")[2])
        say("E,done")
"""
# Three seconds of something loud, or for ever.
MPG123 = f"""#!{sys.executable}
import os
import sys
forever = sys.argv[-1].endswith("radio")
open(sys.argv[-1] + ".args", "w").write(" ".join(sys.argv[1:-1]))
for _ in range(10 ** 9 if forever else 150):
    os.write(1, b"\\x00\\x60" * 160)
"""


class Programs(DaemonTest):
    config = {"extensions.conf": DEFAULTS["extensions.conf"].replace("[default]", """
exten => eagi,1,Answer()
 same => n,EAGI(listen.py)
 same => n,UserEvent(Over,Heard: ${HEARD},Status: ${AGISTATUS})
exten => deaf,1,Answer()
 same => n,EAGI(deaf.sh)
 same => n,UserEvent(Over,Heard: ${HEARD},Status: ${AGISTATUS})
exten => mp3,1,Answer()
 same => n,MP3Player(@TREE@/song)
 same => n,UserEvent(Over)
exten => menu,1,ExternalIVR(@TREE@/menu.py(a,b))
 same => n,UserEvent(Over,Given: ${GIVEN},Finished: ${FINISHED})
exten => server,1,ExternalIVR(ivr://@ADDRESS@:${PORT}(x,y),i)
 same => n,UserEvent(Over,Given: ${GIVEN})
exten => radio,1,Answer()
 same => n,MP3Player(@TREE@/radio)
[default]""", 1)}

    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon(cls.config)
        programs = cls.daemon.tree / "bin"
        programs.mkdir()
        for path, text in ((programs / "mpg123", MPG123), (cls.daemon.tree / "agi-bin/listen.py", LISTEN),
                           (cls.daemon.tree / "agi-bin/deaf.sh", DEAF), (cls.daemon.tree / "menu.py", MENU)):
            path.write_text(text)
            path.chmod(path.stat().st_mode | stat.S_IXUSR)
        cls.daemon.env = {"PATH": f"{programs}:{os.environ['PATH']}"}
        cls.daemon.start()

    def call(self, extension):
        return media.Caller(self.daemon, f"{extension}@phones")

    def test_a_script_hears_the_caller(self):
        with self.daemon.ami() as ami:
            caller = self.call("eagi")
            time.sleep(0.5)
            caller.loud_next = 20
            event = ami.wait_event("UserEvent", UserEvent="Over", timeout=15)
            self.assertGreater(int(event["Heard"]), 1000)
            self.assertEqual(event["Status"], "SUCCESS")
            caller.close()
        self.daemon.wait_idle()

    def test_a_script_that_does_not_listen(self):
        with self.daemon.ami() as ami:
            caller = self.call("deaf")
            event = ami.wait_event("UserEvent", UserEvent="Over", timeout=15)
            self.assertEqual((event["Heard"], event["Status"]), ("nothing", "SUCCESS"))
            caller.close()
        self.daemon.wait_idle()

    def test_a_menu_of_files(self):
        if not SOUNDS.exists():
            self.skipTest("there are no sounds")
        with self.daemon.ami() as ami:
            caller = self.call("menu")
            event = ami.wait_event("UserEvent", UserEvent="Over", timeout=15)
            self.assertEqual((event["Given"], event["Finished"]), ("a/b", "beep"))
            caller.close()
        self.daemon.wait_idle()

    def test_a_server_that_has_a_menu(self):
        with socket.create_server((self.daemon.address, 0)) as listener:
            listener.settimeout(10)
            self.daemon.cli(f"dialplan set global PORT {listener.getsockname()[1]}")
            caller = self.call("server")
            connection, _ = listener.accept()
        with connection, connection.makefile("rwb", buffering=0) as lines:
            connection.settimeout(10)
            lines.write(b"P,0\nG,CHANNEL(state)\n")
            self.assertRegex(lines.readline().decode(), rf"^P,\d+,ivr://{self.daemon.address}:\d+,x,y\n$")
            self.assertRegex(lines.readline().decode(), r"^G,\d+,CHANNEL\(state\)=Up\n$")
            caller.close()
            self.assertRegex(lines.readline().decode(), r"^I,\d+,HANGUP\n$")
            lines.write(b"H,bye\n")
            self.assertRegex(lines.readline().decode(), r"^H,\d+\n$")
        self.daemon.wait_idle()

    def test_mp3_player(self):
        with self.daemon.ami() as ami:
            begin = time.monotonic()
            caller = self.call("mp3")
            ami.wait_event("UserEvent", UserEvent="Over", timeout=15)
            loud = caller.loud_since(begin)
            caller.close()
        self.assertGreater(len(loud), 130)  # 150 were written, at once
        self.assertLessEqual(len(loud), 151)
        self.assertGreater(loud[-1] - loud[0], 2.5)
        self.assertEqual((self.daemon.tree / "song.args").read_text(), "-q -s -f 8192 --mono -r 8000")
        self.daemon.wait_idle()

    def test_mp3_player_of_a_call_that_ends(self):
        begin = time.monotonic()
        caller = self.call("radio")
        eventually(lambda: len(caller.loud_since(begin)) > 50, "the radio is heard")
        caller.close()
        self.daemon.wait_idle()
        eventually(lambda: self.daemon.process.pid not in parents(), "the player has gone")


def parents():
    """The parents of all processes called mpg123."""
    found = []
    for folder in os.listdir("/proc"):
        if not folder.isdigit():
            continue
        try:
            with open(f"/proc/{folder}/cmdline", "rb") as words, open(f"/proc/{folder}/stat") as state:
                if b"/mpg123" in words.read():
                    found.append(int(state.read().rpartition(")")[2].split()[1]))
        except OSError:
            continue
    return found
