#!/usr/bin/python3
"""Does somebody else's JOSE library open what we seal, and we what it seals?

The npm package `jose`, of the version that the lock file pins; the C side is
the unit test t_seal_jwe.  Output is TAP.
"""

import glob
import os
import shutil
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
HERE = os.path.join(TOP, "tests", "jose")
WORK = os.path.join(TOP, "build", "jose")
BODIES = 5


def skip(why):
    print(f"ok - JOSE in JavaScript # SKIP {why}")
    sys.exit(0)


def install():
    """The library, as the lock file pins it, into build/."""
    os.makedirs(WORK, exist_ok=True)
    for name in ("package.json", "package-lock.json", "jose.mjs"):
        shutil.copy(os.path.join(HERE, name), WORK)
    if os.path.isdir(os.path.join(WORK, "node_modules", "jose")):
        return
    if shutil.which("npm") is None:
        skip("npm is not installed")
    done = subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=WORK,
                          capture_output=True, text=True)
    if done.returncode != 0:
        skip("the npm package jose could not be fetched: "
             + (done.stderr.strip().splitlines() or ["?"])[-1])


def c_side(what, **env):
    """Run the unit test with these settings."""
    for test in ("build/asan/tests/unit/t_seal_jwe",
                 "build/tests/unit/t_seal_jwe"):
        path = os.path.join(TOP, test)
        if os.path.exists(path):
            break
    else:
        skip("t_seal_jwe is not built")
    every = dict(os.environ, ASAN_OPTIONS="detect_leaks=0", **env)
    every.pop("CMOCKA_MESSAGE_OUTPUT", None)
    done = subprocess.run([path], env=every, capture_output=True, text=True,
                          cwd=TOP)
    good = done.returncode == 0
    print(f"{'ok' if good else 'not ok'} - jose: {what}")
    if not good:
        print("\n".join("# " + x for x in (done.stdout + done.stderr)
                        .splitlines()[-20:]))


def js_side(verb, paths):
    done = subprocess.run(["node", "jose.mjs", verb] + paths, cwd=WORK,
                          capture_output=True, text=True)
    sys.stdout.write(done.stdout)
    said = sum(x.startswith(("ok", "not ok"))
               for x in done.stdout.splitlines())
    if said != len(paths) or not paths:
        print(f"not ok - jose: {verb} ran\n# "
              + done.stderr.replace("\n", "\n# "))


def main():
    install()
    out = os.path.join(WORK, "files")
    shutil.rmtree(out, ignore_errors=True)
    os.makedirs(out)
    c_side("the C code seals", KETEN_JOSE_OUT=out)
    js_side("open", sorted(glob.glob(os.path.join(out, "ours-*.json"))))
    theirs = [os.path.join(out, f"theirs-{i}.json") for i in range(BODIES)]
    js_side("seal", theirs)
    c_side("the C code opens what it sealed", KETEN_JOSE_IN=":".join(theirs))
    broken = theirs[0] + ".broken"
    with open(theirs[0], encoding="utf-8") as f, \
            open(broken, "w", encoding="utf-8") as g:
        g.write(f.read().replace("person|5a", "person|5b", 1))
    done = subprocess.run(["node", "jose.mjs", "open", broken], cwd=WORK,
                          capture_output=True, text=True)
    good = done.returncode == 1 and "not ok" in done.stdout
    print(f"{'ok' if good else 'not ok'} - jose: one with another aad is found")


if __name__ == "__main__":
    main()
