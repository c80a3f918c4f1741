"""asterism --check: what it finds in a dialplan, with file and line, and what it leaves alone."""
import pathlib
import subprocess
import tempfile
import unittest

from harness import BINARY, ROOT, SOUNDS, DaemonTest

FAULTS = """[general]
[a]
include => b
include => gone
exten => 1,1,Playbak(hello-world)
 same => n,Set(X=$[${STRFTIM(x)} + 1])
 same => n,Goto(2,1)
 same => n,NoOp(never)
 same => n(x),GotoIf($[${X}]?y:nowhere,s,1)
 same => n(z),Dial(PJSIP/a,20,G(a^1^q))
 same => n,Gosub(b,s,1)
exten => 2,1,Playback(no-such-prompt-here)
[b]
include => a
exten => s,1,Return()
"""


class Check(unittest.TestCase):
    def check(self, extensions, sounds=True):
        with tempfile.TemporaryDirectory() as folder:
            tree = pathlib.Path(folder)
            (tree / "sounds").mkdir()
            if sounds:
                (tree / "sounds/en").symlink_to(SOUNDS)
            (tree / "asterisk.conf").write_text(f"[directories]\nastetcdir => {tree}\nastdatadir => {tree}\n")
            (tree / "extensions.conf").write_text(extensions)
            done = subprocess.run([BINARY, "--check", "-C", tree / "asterisk.conf"], capture_output=True, text=True,
                                  timeout=60)
            return done.returncode, done.stdout.replace(str(tree) + "/", ""), done.stderr

    def test_faults_with_their_lines(self):
        status, out, _ = self.check(FAULTS, SOUNDS.is_dir())
        wanted = [
            "extensions.conf:3: 'a' includes 'b', which includes it again",
            "extensions.conf:4: 'a' includes 'gone', which does not exist",
            "extensions.conf:5: no application Playbak, did you mean Playback?",
            "extensions.conf:6: no function STRFTIM, did you mean STRFTIME?",
            "extensions.conf:8: priority 4 of '1' in 'a' is never reached: after Goto",
            "extensions.conf:9: GotoIf to 'y', which '1' does not have",
            "extensions.conf:9: GotoIf to context 'nowhere', which does not exist",
            "extensions.conf:10: Dial's G() to 'a^1^q', which does not exist",
        ]
        if SOUNDS.is_dir():
            wanted.append("extensions.conf:12: no prompt no-such-prompt-here in any language")
        wanted.append("extensions.conf:14: 'b' includes 'a', which includes it again")
        self.assertEqual(out.splitlines(), wanted)
        self.assertEqual(status, 1)

    def test_without_prompts_none_is_missed(self):
        status, out, _ = self.check("[a]\nexten => 1,1,Playback(no-such-prompt-here)\n", sounds=False)
        self.assertEqual((status, out), (0, ""))

    def test_what_is_shipped_has_no_fault(self):
        done = subprocess.run([BINARY, "--check", "-C", ROOT / "config/asterisk.conf"], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (0, ""))


class KnownNames(DaemonTest):
    def test_every_application_and_function_of_the_daemon_is_known(self):
        lines = self.daemon.cli("core show tables").splitlines()
        names = {kind: [line.split(" ", 1)[1] for line in lines if line.startswith(kind + " ")]
                 for kind in ("application", "function")}
        self.assertGreater(len(names["application"]), 50)
        self.assertGreater(len(names["function"]), 50)
        text = "[a]\n" + "".join(f"exten => a{i},1,{name}()\n" for i, name in enumerate(names["application"]))
        text += "".join(f"exten => f{i},1,NoOp(${{{name}(x)}})\n" for i, name in enumerate(names["function"]))
        conf = self.daemon.tree / "etc-check"
        conf.mkdir()
        (conf / "asterisk.conf").write_text(f"[directories]\nastetcdir => {conf}\n")
        (conf / "extensions.conf").write_text(text)
        done = subprocess.run([BINARY, "--check", "-C", conf / "asterisk.conf"], capture_output=True, text=True)
        unknown = [line for line in done.stdout.splitlines() if "no application" in line or "no function" in line]
        self.assertEqual(unknown, [])


if __name__ == "__main__":
    unittest.main()
