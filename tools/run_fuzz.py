#!/usr/bin/env python3
"""Runs every fuzz target of build/fuzz for a number of seconds over tests/fuzz/corpus/<name>, two side by side.

New inputs go to build/fuzz/corpus/<name>; what crashes is left in build/fuzz/findings. Exit status 1 on a finding.
"""
import concurrent.futures
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build/fuzz"


def run(target, seconds):
    name = target.name.removeprefix("fuzz_")
    seeds = ROOT / "tests/fuzz/corpus" / name
    grown = BUILD / "corpus" / name
    findings = BUILD / "findings"
    for folder in (grown, findings):
        folder.mkdir(parents=True, exist_ok=True)
    command = [target, f"-max_total_time={seconds}", "-timeout=5", "-rss_limit_mb=1024", "-print_final_stats=1",
               f"-artifact_prefix={findings}/{name}-", grown]
    if seeds.is_dir():
        command.append(seeds)
    done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    runs = [line.split()[-1] for line in done.stderr.splitlines() if "number_of_executed_units" in line]
    return name, done.returncode, runs[0] if runs else "0", done.stderr


def main():
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    targets = sorted(p for p in BUILD.glob("fuzz_*") if p.is_file() and os.access(p, os.X_OK))
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(max_workers=min(2, os.cpu_count() or 1)) as pool:
        for name, status, runs, log in pool.map(lambda t: run(t, seconds), targets):
            print(f"{'ok  ' if status == 0 else 'FAIL'} {name}: {runs} inputs in {seconds} s", flush=True)
            if status:
                failed += 1
                print("\n".join(log.splitlines()[-40:]))
    print(f"{len(targets)} targets, {failed} with findings")
    return 1 if failed else 0


sys.exit(main())
