#!/usr/bin/python3
"""Are the Tasks we write valid FHIR R4, in the eyes of somebody else?

The unit test of the mapper writes down every Task that it makes (those of the
official examples among them); the npm package `fhir` validates them.  A broken
one must be found, or the check would prove nothing.  Output is TAP.
"""

import glob
import json
import os
import shutil
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
HERE = os.path.join(TOP, "tests", "fhir")
WORK = os.path.join(TOP, "build", "fhir")


def skip(why):
    print(f"ok - FHIR R4 validation # SKIP {why}")
    sys.exit(0)


def install():
    """The validator, as the lock file pins it, into build/."""
    os.makedirs(WORK, exist_ok=True)
    for name in ("package.json", "package-lock.json", "validate.js"):
        shutil.copy(os.path.join(HERE, name), WORK)
    if os.path.isdir(os.path.join(WORK, "node_modules", "fhir")):
        return
    if shutil.which("npm") is None:
        skip("npm is not installed")
    done = subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=WORK,
                          capture_output=True, text=True)
    if done.returncode != 0:
        skip("the npm package fhir could not be fetched: "
             + (done.stderr.strip().splitlines() or ["?"])[-1])


def make_tasks():
    """Let the unit test write its Tasks; return the folder."""
    out = os.path.join(WORK, "tasks")
    shutil.rmtree(out, ignore_errors=True)
    os.makedirs(out)
    for test in ("build/asan/tests/unit/t_fhir", "build/tests/unit/t_fhir"):
        path = os.path.join(TOP, test)
        if not os.path.exists(path):
            continue
        env = dict(os.environ, KETEN_FHIR_OUT=out,
                   ASAN_OPTIONS="detect_leaks=0")
        done = subprocess.run([path], env=env, capture_output=True, text=True,
                              cwd=TOP)
        good = done.returncode == 0
        print(("ok" if good else "not ok") + " - the Tasks are written")
        return out
    skip("t_fhir is not built")
    return out


def validate(paths):
    done = subprocess.run(["node", "validate.js"] + paths, cwd=WORK,
                          capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def main():
    install()
    out = make_tasks()
    extra = [os.path.abspath(p) for p in sys.argv[1:]]
    paths = sorted(glob.glob(os.path.join(out, "*.json"))) + extra
    status, text = validate(paths)
    sys.stdout.write(text)
    if status != 0 and "not ok" not in text:
        print("not ok - the validator ran")

    broken = os.path.join(WORK, "broken.json")
    with open(broken, "w", encoding="utf-8") as f:
        json.dump({"resourceType": "Task", "status": "klaar",
                   "intent": "order", "owner": "somebody"}, f)
    status, text = validate([broken])
    print(("ok" if status == 1 and "not ok" in text else "not ok")
          + " - a broken Task is found")


if __name__ == "__main__":
    main()
