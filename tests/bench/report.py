#!/usr/bin/python3
"""How long reports over a large log take, and whether a slow count agrees.

    tests/bench/report.py [--referrals N] [--build DIR] [--json] [--quick]

A log of --referrals (100,000) is made by the real core (tests/bench/grow; kept
in BUILD/bench until the program changes).  Of each month that is over in it:
the seconds that `keten-audit report` takes, and, without --quick, whether each
of its cells is what a count in Python of the exported records gives
(tests/flow/figures.py, which shares nothing with it).  Also the live list at
the last record.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from types import SimpleNamespace

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.join(TOP, "tests", "flow")]

import audit    # noqa: E402  it keeps the logs
import figures  # noqa: E402


def grow(args, folder):
    """The log, made now or before by the same program."""
    grower = os.path.join(args.build, "tests", "bench", "grow")
    stamp = os.path.join(folder, "made-by")
    mine = audit.digest(os.path.join(TOP, grower)) + f" {args.referrals}"
    if os.path.exists(stamp):
        with open(stamp, encoding="ascii") as f:
            if f.read() == mine:
                return
    subprocess.run(["rm", "-rf", folder], check=True)
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    print(f"making a log of {args.referrals} referrals ...", file=sys.stderr)
    done = subprocess.run([os.path.join(TOP, grower), folder,
                           str(args.referrals), "referrals"], check=True,
                          stdout=subprocess.PIPE, text=True)
    print("  " + done.stdout.strip(), file=sys.stderr)
    with open(stamp, "w", encoding="ascii") as f:
        f.write(mine)


def report(args, folder, *words):
    """(seconds, exit status, what it says) of one report."""
    began = time.monotonic()
    done = subprocess.run([os.path.join(TOP, args.build, "keten-audit"),
                           "report", "--store", folder, "--json", *words],
                          capture_output=True, text=True, check=False)
    return SimpleNamespace(seconds=time.monotonic() - began,
                           status=done.returncode, out=done.stdout,
                           err=done.stderr)


def months():
    """From the month in which the logs begin."""
    year, month = 2026, 8
    while True:
        yield f"{year}-{month:02}"
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)


def count(args, folder, periods):
    """The slow count of all of them, in one go through the records."""
    refs = {p: figures.Reference(p) for p in periods}
    audit_program = os.path.join(TOP, args.build, "keten-audit")
    for r in figures.export(audit_program, folder):
        for ref in refs.values():
            ref.take(r)
    return {p: ref.lines() for p, ref in refs.items()}


def main():
    parser = argparse.ArgumentParser(
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description=__doc__)
    parser.add_argument("--referrals", type=int, default=100000)
    parser.add_argument("--build", default="build")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args()
    folder = os.path.join(TOP, args.build, "bench", "reports")
    grow(args, folder)
    made = {}
    for period in months():
        r = report(args, folder, "figures", period)
        if r.status != 0:
            break
        made[period] = r
    rows = [{"report": p, "seconds": round(r.seconds, 2),
             "cells": len(figures.published(r.out))}
            for p, r in made.items()]
    if not args.quick:
        should = count(args, folder, made)
        for row in rows:
            row["as_counted_slowly"] = \
                figures.published(made[row["report"]].out) == \
                should[row["report"]]
    r = report(args, folder, "open")
    rows.append({"report": "open", "seconds": round(r.seconds, 2),
                 "cells": r.out.count("\n") - 2})
    for row in rows:
        print(json.dumps(row) if args.json else
              f"{row['report']:8} {row['seconds']:6.2f} s "
              f"{row['cells']:7} rows"
              + {True: "   as a slow count gives",
                 False: "   NOT what a slow count gives",
                 None: ""}[row.get("as_counted_slowly")])
    if not made or r.status != 0 or not all(
            row.get("as_counted_slowly", True) for row in rows):
        sys.exit(1)


if __name__ == "__main__":
    main()
