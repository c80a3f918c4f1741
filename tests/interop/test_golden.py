"""The golden transcripts, each against a daemon of its own."""
import importlib.util
import unittest

from harness import HERE, Daemon


class Golden(unittest.TestCase):
    def replay(self, path):
        if importlib.util.find_spec("yaml") is None:
            self.skipTest("python3-yaml is not installed")
        import golden
        daemon = Daemon(golden.load(path).get("config")).start()
        try:
            golden.play(path, daemon)
        finally:
            status = daemon.stop()
            daemon.remove()
        self.assertEqual(status, 0)


for transcript in sorted((HERE / "golden").glob("*.yaml")):
    setattr(Golden, "test_" + transcript.stem, lambda self, path=transcript: self.replay(path))


if __name__ == "__main__":
    unittest.main()
