#!/usr/bin/python3
"""Run the tests and count them.

    tests/all.py [unit] [flow] [sim] [interop] [fhir]     (nothing: all)

Every suite speaks TAP ("ok 1 - name", "not ok 2 - name", "# SKIP").  The last
line is "N passed, N failed"; the exit status is 0 only if none failed.
"""

import glob
import os
import re
import subprocess
import sys
import time

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LINE = re.compile(r"^(not ok|ok)\b\s*\d*\s*-?\s*(.*)$")
PY = sys.executable


def suites():
    """(suite, name, command, time limit in seconds) of everything there is."""
    for path in sorted(glob.glob("build/asan/tests/unit/t_*")):
        if os.access(path, os.X_OK) and "." not in os.path.basename(path):
            yield "unit", os.path.basename(path), [path], 900
    if os.path.exists("build/asan/tests/sim/walk"):
        yield "sim", "walk", ["build/asan/tests/sim/walk", "--tap"], 1800
    for path in sorted(glob.glob("build/asan/tests/fuzz/fuzz_*")):
        name = os.path.basename(path)
        seeds = sorted(glob.glob(f"tests/fuzz/corpus/{name[5:]}/*"))
        if os.access(path, os.X_OK) and "." not in name:
            yield "fuzz", name, ["tests/fuzz/corpus.sh", path] + seeds, 600
    for name, script, limit in (
            ("flow", "tests/flow/run.py", 3000),
            ("interop", "tests/interop/run.py", 1500),
            ("ladders", "tests/interop/ladders.py", 300),
            ("fhir", "tests/fhir/run.py", 1500),
            ("jose", "tests/jose/run.py", 1500),
            ("asan", "tests/flow/run.py", 1500),
            ("errors", "tests/flow/errors.py", 1500),
            ("hostile", "tests/flow/hostile.py", 1500),
            ("crash", "tests/flow/crash.py", 1500),
            ("large", "tests/bench/audit.py", 1500)):
        if os.path.exists(script):
            more = {"asan": ["--asan"], "large": ["--check"],
                    "crash": ["--short"]}.get(name, [])
            yield name, name, [PY, script] + more, limit


def run(name, command, limit):
    """Run one suite; return (passed, failed, skipped)."""
    env = dict(os.environ, CMOCKA_MESSAGE_OUTPUT="TAP",
               ASAN_OPTIONS="detect_leaks=0:abort_on_error=1")
    passed = failed = skipped = 0
    child = subprocess.Popen(["timeout", str(limit)] + command, text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             env=env, errors="replace")
    tail = []
    for line in child.stdout:
        tail = (tail + [line])[-40:]
        hit = LINE.match(line)
        if hit is None:
            if line.startswith("#"):
                sys.stdout.write("    " + line)
            continue
        if "# SKIP" in line:
            skipped += 1
            print("    skipped:", hit.group(2))
        elif hit.group(1) == "ok":
            passed += 1
        else:
            failed += 1
            print("    FAILED:", hit.group(2))
    status = child.wait()
    if status != 0 and failed == 0:
        failed = 1
        print("    FAILED: ended with status", status)
    if failed:
        sys.stdout.write("".join("    | " + t for t in tail))
    return passed, failed, skipped


def main():
    os.chdir(TOP)
    wanted = set(sys.argv[1:])
    total = [0, 0, 0]
    for suite, name, command, limit in suites():
        if wanted and suite not in wanted:
            continue
        began = time.time()
        print(f"  {name}", flush=True)
        counts = run(name, command, limit)
        total = [a + b for a, b in zip(total, counts)]
        print(f"  {name}: {counts[0]} passed, {counts[1]} failed, "
              f"{counts[2]} skipped ({time.time() - began:.1f} s)", flush=True)
    if total[2]:
        print(f"{total[2]} skipped (reasons above)")
    print(f"{total[0]} passed, {total[1]} failed")
    return 1 if total[1] or not total[0] else 0


if __name__ == "__main__":
    sys.exit(main())
