#!/usr/bin/python3
"""Are the Tasks and AuditEvents we write valid FHIR R4, to somebody else?

The unit test of the mapper writes down every Task that it makes (those of the
official examples among them), that of the auditor a log as AuditEvents; the
npm package `fhir` validates them.  Broken ones must be found, or the check
would prove nothing.  Output is TAP.
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


def write_down(name, what, out):
    """Let the unit test ${name} write what it makes into the folder."""
    for test in (f"build/asan/tests/unit/{name}", f"build/tests/unit/{name}"):
        path = os.path.join(TOP, test)
        if not os.path.exists(path):
            continue
        env = dict(os.environ, KETEN_FHIR_OUT=out,
                   ASAN_OPTIONS="detect_leaks=0")
        done = subprocess.run([path], env=env, capture_output=True, text=True,
                              cwd=TOP)
        good = done.returncode == 0
        print(("ok" if good else "not ok") + f" - the {what} are written")
        return True
    return False


def make_resources():
    """Tasks and AuditEvents; return the folder."""
    out = os.path.join(WORK, "resources")
    shutil.rmtree(out, ignore_errors=True)
    os.makedirs(out)
    for name, what in (("t_fhir", "Tasks"),
                       ("t_audit_export", "AuditEvents")):
        if not write_down(name, what, out):
            skip(f"{name} is not built")
    return out


def validate(paths):
    done = subprocess.run(["node", "validate.js"] + paths, cwd=WORK,
                          capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def main():
    install()
    out = make_resources()
    extra = [os.path.abspath(p) for p in sys.argv[1:]]
    paths = sorted(glob.glob(os.path.join(out, "*.json"))) + extra
    status, text = validate(paths)
    sys.stdout.write(text)
    if status != 0 and "not ok" not in text:
        print("not ok - the validator ran")

    for what, tree in (
            ("Task", {"resourceType": "Task", "status": "klaar",
                      "intent": "order", "owner": "somebody"}),
            ("AuditEvent", {"resourceType": "AuditEvent", "action": "Q",
                            "recorded": "gisteren", "agent": []})):
        broken = os.path.join(WORK, "broken.json")
        with open(broken, "w", encoding="utf-8") as f:
            json.dump(tree, f)
        status, text = validate([broken])
        print(("ok" if status == 1 and "not ok" in text else "not ok")
              + f" - a broken {what} is found")


if __name__ == "__main__":
    main()
