#!/usr/bin/python3
"""How fast a large log is audited, beside the least that it can cost.

    tests/bench/audit.py [--records N] [--rounds N] [--json] [--build DIR]
    tests/bench/audit.py --check [--records N]    no clock: is all well?

A log of --records is made by the real core (tests/bench/grow; kept in
BUILD/bench until the program changes).  Then, in each round: keten-audit verify
(every signature), keten-audit replay (everything applied and decided again and
compared, no signatures), both with as many threads as there are cores; and the
floor: the same number of SHA-256 and Ed25519 verifications and nothing else.
What is told is records for each second of processor time, that is, on one core;
how many cores were busy; and which part of the floor's rate that is.  Times are
the best of the rounds: what else runs here only ever slows.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))

# Everything is well, and no witness was asked.
WELL = 10


def run(command):
    """Run it; (exit status, processor seconds, seconds, standard output)."""
    began = time.monotonic()
    before = os.times()
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True,
                          check=False, cwd=TOP)
    after = os.times()
    cpu = (after.children_user - before.children_user +
           after.children_system - before.children_system)
    return done.returncode, cpu, time.monotonic() - began, done.stdout


def digest(path):
    with open(path, "rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def grow(args, folder):
    """The log, made now or before by the same program."""
    grower = os.path.join(args.build, "tests", "bench", "grow")
    stamp = os.path.join(folder, "made-by")
    mine = digest(os.path.join(TOP, grower))
    if os.path.exists(os.path.join(TOP, stamp)):
        with open(os.path.join(TOP, stamp), encoding="ascii") as f:
            if f.read() == mine:
                return
    shutil.rmtree(os.path.join(TOP, folder), ignore_errors=True)
    os.makedirs(os.path.dirname(os.path.join(TOP, folder)), exist_ok=True)
    print(f"making a log of {args.records} records ...", file=sys.stderr)
    status, cpu, _, out = run([grower, folder, str(args.records), "records"])
    if status != 0:
        raise SystemExit("audit: the log could not be made")
    print(f"  {out.strip()} in {cpu:.0f} s", file=sys.stderr)
    with open(os.path.join(TOP, stamp), "w", encoding="ascii") as f:
        f.write(mine)


def audit(args, folder, command):
    """One command over the whole log, which must be found well."""
    words = [os.path.join(args.build, "keten-audit"), command, "--json",
             "--store", folder, "--trust", os.path.join(folder, "trust.conf")]
    status, cpu, wall, out = run(words)
    if status != WELL:
        raise SystemExit(f"audit: {command} ended with {status}\n{out}")
    return {"cpu_s": cpu, "wall_s": wall}


def floor(args, folder):
    words = [os.path.join(args.build, "tests", "bench", "floor"), folder,
             "--signatures", "50000"]
    status, _, _, out = run(words)
    if status != 0:
        raise SystemExit("audit: the floor gave way")
    return json.loads(out)


def best(rounds, what, key):
    return min(r[what][key] for r in rounds)


def figure(name, n, rounds, what, floor_s, target):
    cpu = sum(best(rounds, w, "cpu_s") for w in what)
    cores = (sum(best(rounds, w, "cpu_s") for w in what) /
             sum(best(rounds, w, "wall_s") for w in what))
    return {"name": name, "per_core_second": n / cpu, "cores": cores,
            "seconds": sum(best(rounds, w, "wall_s") for w in what),
            "floor_per_second": n / floor_s,
            "of_floor": floor_s / cpu, "target": target}


def figures(rounds):
    n = rounds[0]["floor"]["records"]
    hashes = best(rounds, "floor", "hashes_s")
    both = hashes + best(rounds, "floor", "signatures_s")
    return [
        figure("verify: every byte and signature", n, rounds, ["verify"],
               both, 18000),
        figure("replay: applied, decided, compared", n, rounds, ["replay"],
               hashes, 200000),
        figure("both, one after the other", n, rounds, ["verify", "replay"],
               both, 18000),
    ]


def table(rows, n):
    print(f"{n} records".ljust(36) + f"{'per core':>10}{'floor':>10}"
          f"{'of it':>7}{'cores':>7}{'s':>7}  target")
    for r in rows:
        print(f"{r['name']:36}{r['per_core_second']:10.0f}"
              f"{r['floor_per_second']:10.0f}{r['of_floor']:7.2f}"
              f"{r['cores']:7.2f}{r['seconds']:7.1f}  >= {r['target']}")


def check(args):
    """A log like that, a small one, is found well by both."""
    args.records = args.records or 3000
    root = tempfile.mkdtemp(prefix="keten-grow-")
    folder = os.path.join(root, "log")
    try:
        status, _, _, _ = run([os.path.join(
            args.build, "tests", "bench", "grow"), folder,
            str(args.records), "records"])
        for n, command in enumerate(("verify", "replay"), 1):
            words = [os.path.join(args.build, "keten-audit"), command,
                     "--store", folder, "--trust",
                     os.path.join(folder, "trust.conf")]
            was = run(words)[0] if status == 0 else status
            print(("ok" if was == WELL else "not ok") +
                  f" {n} - a log of {args.records} records of everything is "
                  f"found well by {command}")
            status = status or (was != WELL)
        return 1 if status else 0
    finally:
        shutil.rmtree(root, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--build", default="build")
    args = parser.parse_args()
    if args.check:
        return check(args)
    args.records = args.records or 1000000
    folder = os.path.join(args.build, "bench", f"log-{args.records}")
    grow(args, folder)
    rounds = []
    for n in range(args.rounds):
        print(f"round {n + 1} of {args.rounds} ...", file=sys.stderr)
        rounds.append({"verify": audit(args, folder, "verify"),
                       "replay": audit(args, folder, "replay"),
                       "floor": floor(args, folder)})
    rows = figures(rounds)
    if args.json:
        for row in rows:
            print(json.dumps(row))
    else:
        table(rows, args.records)
    path = os.path.join(TOP, args.build, "bench-audit.json")
    with open(path, "w", encoding="ascii") as f:
        json.dump({"figures": rows, "rounds": rounds}, f, indent=1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
