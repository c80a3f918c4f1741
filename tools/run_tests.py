#!/usr/bin/env python3
"""Runs everything that ./dev test has built and counts it: unit and integration tests, the media library's under TSan,
and tests/interop against the daemon of the same build. Last line: `N passed, N failed[, N skipped]`.

  run_tests.py [--only unit|integration|tsan|simulate|interop] [--match TEXT] [--build asan|debug]
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TIME_LIMIT = 600  # seconds for one test program


class Counts:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0


def sanitizers():
    """The environment in which a sanitizer is strict and names the places it reports."""
    env = dict(os.environ, TSAN_OPTIONS="halt_on_error=1:second_deadlock_stack=1",
               ASAN_OPTIONS="detect_stack_use_after_return=1:strict_string_checks=1",
               UBSAN_OPTIONS="print_stacktrace=1")
    symbolizer = "/usr/lib/llvm-19/bin/llvm-symbolizer"
    if os.path.exists(symbolizer):
        env["ASAN_SYMBOLIZER_PATH"] = symbolizer
    return env


def run_gtest(binary, match):
    """Returns (name, passed, failed, skipped, seconds, what to show)."""
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        command = [binary, "--gtest_brief=1", f"--gtest_output=json:{report.name}"]
        if match:
            command.append(f"--gtest_filter=*{match}*")
        start = time.monotonic()
        try:
            done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=TIME_LIMIT,
                                  env=sanitizers(), cwd=ROOT, stdin=subprocess.DEVNULL)
            status, text = done.returncode, done.stdout + done.stderr
        except subprocess.TimeoutExpired as late:
            status = -1
            text = (late.stdout or b"").decode(errors="replace") + f"\nstill running after {TIME_LIMIT} s: stopped\n"
        took = time.monotonic() - start
        passed = failed = skipped = 0
        try:
            for suite in json.load(open(report.name))["testsuites"]:
                for case in suite["testsuite"]:
                    if case.get("failures"):
                        failed += 1
                    elif case.get("result") == "SKIPPED":
                        skipped += 1
                    elif case.get("status") == "RUN":
                        passed += 1
        except (ValueError, KeyError):
            pass  # it died before it could report
        if status and not failed:
            failed = 1
        return binary, passed, failed, skipped, took, text if failed else ""


SCENARIOS = ("config/simulate", "tests/simulate")


def run_scenarios(build):
    """The dialplan's scenarios, each one test. Returns as run_gtest, without the name."""
    start = time.monotonic()
    try:
        done = subprocess.run([ROOT / "build" / build / "asterism", "-q", "-C", "config/asterisk.conf", "--simulate", *SCENARIOS],
                              capture_output=True, text=True, errors="replace", timeout=TIME_LIMIT, cwd=ROOT,
                              env=sanitizers(), stdin=subprocess.DEVNULL)
        status, text = done.returncode, done.stdout + done.stderr
    except (OSError, subprocess.TimeoutExpired) as error:
        status, text = 1, str(error)
    total = re.search(r"^(\d+) scenarios, (\d+) failed, ", text, re.M)
    failed = int(total.group(2)) if total else 1
    passed = int(total.group(1)) - failed if total else 0
    if status and not failed:
        failed = 1
    return passed, failed, 0, time.monotonic() - start, text if failed else ""


def programs(only, build):
    found = []
    if only in (None, "unit"):
        found += sorted((ROOT / "build" / build).glob("unit_*"))
    if only in (None, "integration"):
        found += [ROOT / "build" / build / "integration"]
    if build == "asan" and only in (None, "tsan"):
        found += [ROOT / "build/tsan/unit_media"]
    return [p for p in found if p.is_file() and os.access(p, os.X_OK)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", choices=("unit", "integration", "tsan", "simulate", "interop"))
    parser.add_argument("--match", default="")
    parser.add_argument("--build", choices=("asan", "debug"), default="asan")
    options = parser.parse_args()
    counts = Counts()

    def add(name, passed, failed, skipped, took, text):
        counts.passed += passed
        counts.failed += failed
        counts.skipped += skipped
        print(f"{'FAIL' if failed else 'ok  '} {name}: {passed} passed, {failed} failed, {skipped} skipped"
              f" ({took:.1f} s)", flush=True)
        if text:
            print("\n".join("    " + line for line in text.splitlines()[-200:]), flush=True)

    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        for binary, *result in pool.map(lambda p: run_gtest(p, options.match), programs(options.only, options.build)):
            add(binary.relative_to(ROOT), *result)

    if options.only in (None, "simulate") and not options.match:
        add("scenarios", *run_scenarios(options.build))

    if options.only in (None, "interop") and (ROOT / "tests/interop/run.py").exists():
        with tempfile.NamedTemporaryFile(suffix=".json") as report:
            start = time.monotonic()
            subprocess.run([sys.executable, ROOT / "tests/interop/run.py", "--report", report.name,
                            "--match", options.match], cwd=ROOT, env=sanitizers() |
                           {"ASTERISM": str(ROOT / "build" / options.build / "asterism")})
            try:
                result = json.load(open(report.name))
            except ValueError:
                result = {"passed": 0, "failed": 1, "skipped": 0}
            add("tests/interop", result["passed"], result["failed"], result["skipped"], time.monotonic() - start, "")

    line = f"{counts.passed} passed, {counts.failed} failed"
    print(line + (f", {counts.skipped} skipped" if counts.skipped else ""))
    return 1 if counts.failed or not counts.passed else 0


sys.exit(main())
