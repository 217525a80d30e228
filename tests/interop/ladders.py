#!/usr/bin/python3
"""Two hundred policies that nobody thought up: the reading of the policy in
Python, written from PROTOCOL.md, finds the ladders that the one in C finds.

    tests/interop/ladders.py [--keep]           KETEN_SEED, KETEN_POLICIES

The unit test t_route_random throws the policies and questions and writes down
what route_ladder() found.  Speaks TAP; a failure prints the seed.
"""

import json
import os
import subprocess
import sys
import tempfile
from types import SimpleNamespace

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE]

from policy import Policy                               # noqa: E402
from protos import Protos                               # noqa: E402
from trust import Broken                                # noqa: E402


def throw(path):
    """Let the unit test write policies and ladders; what it said."""
    for build in ("build/asan", "build"):
        test = os.path.join(TOP, build, "tests/unit/t_route_random")
        if os.path.exists(test):
            break
    else:
        print("ok 1 - ladders # SKIP t_route_random is not built\n1..1")
        sys.exit(0)
    env = dict(os.environ, KETEN_ROUTES_OUT=path,
               ASAN_OPTIONS="detect_leaks=0")
    env.pop("CMOCKA_MESSAGE_OUTPUT", None)
    done = subprocess.run([test], env=env, capture_output=True, text=True)
    said = done.stdout + done.stderr
    return done.returncode == 0, said


def found(policy, q):
    """What Python finds, in the words of the file."""
    h = SimpleNamespace(**{k: q[k] for k in (
        "code", "area", "urgency", "basis", "discussed", "first", "never")})
    try:
        rungs, r, custodian, early = policy.ladder(q["from"], h, q["now"])
        return {"regisseur": r, "custodian": custodian, "early": early,
                "rungs": rungs,
                "informed": policy.informed(q["from"], h, q["now"])}
    except Broken as e:
        return {"err": str(e)}


def wanted(q):
    if q["err"] != "OK":
        return {"err": q["err"]}
    return {**{k: q[k] for k in ("regisseur", "custodian", "early",
                                 "informed")},
            "rungs": [x["who"] for x in q["rungs"]]}


def compare(path):
    """(policies, ladders, with a successor, the first that differ)"""
    p = Protos()
    policy, n = None, {"policies": 0, "ladders": 0, "none": 0, "ended": 0}
    wrong = []
    with open(path, encoding="ascii") as f:
        for line in f:
            q = json.loads(line)
            if "policy" in q:
                doc = p.Policy.FromString(bytes.fromhex(q["policy"]))
                policy = Policy.of(p, doc)
                n["policies"] += 1
                continue
            if q["err"] not in ("OK", "NO_ROUTE"):
                continue        # of who asks, or how: not of the ladder
            is_, want = found(policy, q), wanted(q)
            n["ladders" if q["err"] == "OK" else "none"] += 1
            n["ended"] += any(policy.has_ended(x, q["now"]) and
                              policy.heir(x, SimpleNamespace(**q), q["now"])
                              for x in policy.partners)
            if is_ != want:
                wrong.append(f"{q}\n  Python: {is_}\n  C:      {want}")
    return n, wrong


def main():
    handle, path = tempfile.mkstemp(prefix="keten-ladders-")
    os.close(handle)
    try:
        good, said = throw(path)
        n, wrong = compare(path) if good else ({}, [said])
    finally:
        if "--keep" not in sys.argv:
            os.unlink(path)
    # Or the dice would not be about anything.
    enough = good and n["ladders"] > 100 and n["ended"] > 100
    for text in wrong[:3]:
        print("# " + text.replace("\n", "\n# "))
    if wrong or not enough:
        print("\n".join("# " + x for x in said.splitlines()))
    print(("not ok" if wrong or not enough else "ok") +
          f" 1 - ladders: Python finds what C finds ({n})\n1..1")
    return 1 if wrong or not enough else 0


if __name__ == "__main__":
    sys.exit(main())
