#!/usr/bin/env python3
"""Runs the interop tests: the real daemon against programs that others wrote.

  run.py [--match TEXT] [--report FILE]
"""
import argparse
import json
import pathlib
import sys
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent


class Result(unittest.TextTestResult):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.passed = 0

    def startTest(self, test):
        super().startTest(test)
        self.began = time.monotonic()

    def say(self, what, test, detail=""):
        took = time.monotonic() - getattr(self, "began", time.monotonic())
        print(f"    {what} {test.id() if hasattr(test, 'id') else test} ({took:.1f} s){detail}", flush=True)

    def addSuccess(self, test):
        self.passed += 1
        self.say("ok  ", test)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.say("skip", test, ": " + reason)

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.say("FAIL", test, "\n" + self._exc_info_to_string(error, test))

    def addError(self, test, error):
        super().addError(test, error)
        self.say("FAIL", test, "\n" + self._exc_info_to_string(error, test))


def select(suite, match):
    chosen = unittest.TestSuite()
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            chosen.addTest(select(test, match))
        elif match in test.id():
            chosen.addTest(test)
    return chosen


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--match", default="")
    parser.add_argument("--report")
    options = parser.parse_args()
    sys.path.insert(0, str(HERE))
    suite = select(unittest.defaultTestLoader.discover(str(HERE), "test_*.py"), options.match)
    result = unittest.TextTestRunner(stream=open("/dev/null", "w"), resultclass=Result).run(suite)
    counts = {"passed": result.passed, "failed": len(result.failures) + len(result.errors),
              "skipped": len(result.skipped)}
    if options.report:
        pathlib.Path(options.report).write_text(json.dumps(counts))
    print("    interop: " + ", ".join(f"{n} {what}" for what, n in counts.items()))
    return 1 if counts["failed"] else 0


sys.exit(main())
