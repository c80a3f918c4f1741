"""Pages that are made from the daemon's tables."""
import subprocess
import sys
import unittest

from harness import ROOT, DaemonTest
from tables import tables as tables_of


class Pages(DaemonTest):
    def test_compatibility_is_what_the_tables_say(self):
        tables = self.daemon.tree / "tables.txt"
        tables.write_text(tables_of(self.daemon))
        done = subprocess.run([sys.executable, ROOT / "tools/compatibility.py", tables, "--check"],
                              capture_output=True, text=True)
        self.assertEqual(done.stderr, "", "docs/not-yet.txt has no reason for a missing name, or one too many")
        self.assertEqual(done.returncode, 0, "docs/compatibility.md is not what the tables say: ./dev docs")


if __name__ == "__main__":
    unittest.main()
