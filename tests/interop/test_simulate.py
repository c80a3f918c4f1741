"""asterism --simulate as a CI job runs it."""
import pathlib
import subprocess
import tempfile
import unittest

from harness import BINARY, ROOT

GOOD = """
dialplan: |
  [default]
  exten => 1,1,Answer()
   same => n,Playback(hello-world)
scenarios:
  - {name: a greeting, call: {exten: 1}, expect: {heard_exactly: [%s]}}
"""


class Simulate(unittest.TestCase):
    def run_text(self, text, *options):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "t.yaml"
            file.write_text(text)
            return subprocess.run([BINARY, "-C", ROOT / "config/asterisk.conf", *options, "--simulate", folder],
                                  capture_output=True, text=True, timeout=60)

    def test_as_expected(self):
        done = self.run_text(GOOD % "hello-world")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("ok   a greeting", done.stdout)
        self.assertIn("Playback(hello-world)", done.stdout)
        self.assertTrue(done.stdout.endswith("1 scenarios, 0 failed, 1 checks\n"), done.stdout)
        self.assertNotIn("Playback", self.run_text(GOOD % "hello-world", "-q").stdout)

    def test_a_difference_is_status_1(self):
        done = self.run_text(GOOD % "goodbye", "-q")
        self.assertEqual(done.returncode, 1)
        self.assertIn("FAIL a greeting", done.stdout)
        self.assertIn("    - goodbye\n    + hello-world\n", done.stdout)

    def test_a_file_that_makes_no_sense_is_status_1(self):
        for text in ("scenarios: [", "scenarios:\n  - call: {exten: 1, nonsense: 2}\n", ""):
            done = self.run_text(text)
            self.assertEqual(done.returncode, 1)
            self.assertIn("t.yaml", done.stdout)

    def test_without_a_file(self):
        done = subprocess.run([BINARY, "--simulate"], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 1)
        self.assertIn("--simulate requires a file of scenarios", done.stderr)
        self.assertIn("--simulate FILE", subprocess.run([BINARY, "--help"], capture_output=True, text=True).stdout)


if __name__ == "__main__":
    unittest.main()
