#!/usr/bin/python3
"""Play the scenarios against the real programs over real sockets.

    tests/flow/run.py [NAME ...]       all, or those whose name begins so
    tests/flow/run.py --long           scenarios 2 and 5, ten thousand races
    tests/flow/run.py --asan           some of them on the sanitized build
    tests/flow/run.py --build DIR --only 01,05 --keep --seed N

Speaks TAP; a failure prints its seed and the ends of all logs.
"""

import argparse
import glob
import importlib
import os
import random
import re
import shutil
import sys
import tempfile
import time
import traceback

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.join(TOP, "config", "demo")]

import lang                                             # noqa: E402
from network import Trouble                             # noqa: E402

ASAN = ("01", "05", "07", "20")
LONG = ("02", "05")
LONG_TIMES = 500     # of twenty referrals each
LONG_SIZE = 20


class Tap:
    """Counts what is told."""

    def __init__(self):
        self.n = 0
        self.failed = 0

    def line(self, good, text):
        self.n += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.n} - {text}", flush=True)

    def note(self, text):
        for line in text.splitlines():
            print("# " + line, flush=True)


def flows(only):
    for path in sorted(glob.glob(os.path.join(HERE, "*.flow"))):
        name = os.path.basename(path)
        if not only or any(name.startswith(o) for o in only):
            yield path


def extras(only):
    """Stories that are told in Python, in every file here that has some."""
    import more
    import purging  # noqa: F401  and this
    import secrets_kept  # noqa: F401  and this
    for path in sorted(glob.glob(os.path.join(HERE, "*.py"))):
        with open(path, encoding="utf-8") as f:
            if re.search(r"^@story\(", f.read(), re.M):
                importlib.import_module(os.path.basename(path)[:-3])
    for name, function in more.STORIES:
        if not only or any(name.startswith(o) for o in only):
            yield name, function


def play(tap, name, title, story, root, keep):
    """One story in a folder of its own; its failures are lines of TAP."""
    began = time.monotonic()
    where = tempfile.mkdtemp(prefix="kf-", dir=root)
    good = False
    try:
        story(where, lambda ok, text: tap.line(ok, f"{name}: {text}"))
        good = True
    except (lang.Failure, Trouble, lang.LocalRefusal) as e:
        tap.line(False, f"{name}: {title}")
        tap.note(str(e))
    except Exception:                   # a mistake of the test itself
        tap.line(False, f"{name}: {title}")
        tap.note(traceback.format_exc())
    bad = sick(where)
    if good and bad:
        tap.line(False, f"{name}: {title}")
        tap.note(bad)
        good = False
    elif good:
        tap.line(True, f"{name}: {title}")
        tap.note(f"{name}: {time.monotonic() - began:.1f} s")
    if not good:
        show_logs(tap, where)
    if good and not keep:
        shutil.rmtree(where, ignore_errors=True)
    else:
        tap.note(f"{name}: alles staat in {where}")
    return good


SICK = re.compile("AddressSanitizer|runtime error:|Assertion .* failed|"
                  "FALSE_RECORD|INTERNAL|ends at once")


def sick(where):
    """What no log of ours may ever say, whatever else went well."""
    found = ""
    expected = os.path.exists(os.path.join(where, "alarms.expected"))
    for path in glob.glob(os.path.join(where, "**", "log", "*.log"),
                          recursive=True):
        with open(path, encoding="utf-8", errors="replace") as f:
            found += "".join(f"{os.path.basename(path)}: {line}"
                             for line in f if SICK.search(line)
                             and not (expected and "FALSE_RECORD" in line))
    return found[:4000]


def show_logs(tap, where):
    for path in sorted(glob.glob(os.path.join(where, "**", "log", "*.log"),
                                 recursive=True)):
        with open(path, encoding="utf-8", errors="replace") as f:
            tail = f.readlines()[-15:]
        if tail:
            tap.note(f"--- {os.path.basename(path)}\n" + "".join(tail))


def main():
    args = argparse.ArgumentParser()
    args.add_argument("names", nargs="*")
    args.add_argument("--build", default="build")
    args.add_argument("--only", default="")
    args.add_argument("--long", action="store_true")
    args.add_argument("--asan", action="store_true")
    args.add_argument("--keep", action="store_true")
    args.add_argument("--seed", type=int)
    args = args.parse_args()
    only = args.names + [o for o in args.only.split(",") if o]
    if args.asan:
        args.build, only = "build/asan", list(ASAN)
        os.environ.setdefault("KETEN_FLOW_TIMES", "3")
    if args.long:
        only = list(LONG)
        os.environ["KETEN_FLOW_TIMES"] = str(LONG_TIMES)
        os.environ["KETEN_FLOW_SIZE"] = str(LONG_SIZE)
    seed = args.seed if args.seed is not None else random.randrange(1 << 31)
    os.environ.setdefault("ASAN_OPTIONS", "detect_leaks=0:abort_on_error=1")
    os.chdir(TOP)
    tap = Tap()
    tap.note(f"seed {seed}")
    root = tempfile.mkdtemp(prefix="keten-flow-")
    for path in flows(only):
        with open(path, encoding="utf-8") as f:
            title = f.readline().lstrip("# ").strip()
        play(tap, os.path.splitext(os.path.basename(path))[0], title,
             lambda where, tell, path=path: lang.Story(
                 path, where, args.build, tell, seed).play(),
             root, args.keep)
    if not args.long:
        for name, function in extras(only):
            play(tap, name, function.__doc__.splitlines()[0],
                 lambda where, tell, f=function: f(where, args.build, tell,
                                                   random.Random(seed)),
                 root, args.keep)
    print(f"1..{tap.n}")
    if tap.failed:
        tap.note(f"{tap.failed} mis; opnieuw met --seed {seed}")
    elif not args.keep:
        shutil.rmtree(root, ignore_errors=True)
    return 1 if tap.failed else 0


if __name__ == "__main__":
    sys.exit(main())
