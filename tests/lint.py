#!/usr/bin/python3
"""Look at the structure of the tree: who includes whom, what headers promise.

    tests/lint.py

A room is a folder.  ROOMS says which others each may include; what is not
written there is not allowed, so a new arrow is a decision and not an accident.
Rooms are written from the ground up: each only names rooms above it in the
list, so there is no circle among them.  Two files whose headers include each
other are a circle too.

Every function of a header stands under a comment that says what it does.  A
file of more than 600 lines is named, as a question and not as a fault.
"""

import os
import re
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LINES = 600

BASE = ["schemas/tbl", "schemas/base"]
AGREED = BASE + ["schemas/keten", "schemas/trust", "schemas/wire",
                 "schemas/life", "schemas/policy"]
KIND = ["adapters/map", "adapters/dropbox"]

ROOMS = {
    "schemas/tbl": [],
    "schemas/base": BASE[:1],
    "schemas/keten": [],
    "schemas/trust": BASE,
    "schemas/wire": AGREED[:4],
    "schemas/life": AGREED[:5],
    "schemas/policy": AGREED[:6],
    "broker/core": AGREED,
    "broker/ketend": AGREED + ["broker/core"],
    "broker/ctl": AGREED + ["broker/core"],
    "broker/audit": AGREED + ["broker/core"],
    "adapters/sdk": AGREED,
    "adapters/sdk/examples": ["adapters/sdk"],
    "adapters/map": AGREED + ["adapters/sdk"],
    "adapters/map/fhir": AGREED + ["adapters/sdk", "adapters/map"],
    "adapters/dropbox": AGREED + ["adapters/sdk", "adapters/map",
                                  "adapters/map/fhir"],
    "adapters/cli": AGREED + ["adapters/sdk", "adapters/map"],
    "adapters/thuiszorg": KIND,
    "adapters/welzijn": KIND,
    "adapters/corporation": KIND,
    "adapters/lwdb": KIND,
}

# These two choose the form of a file; everything else in map knows none.
EXCEPT = {("adapters/map/read.c", "adapters/map/fhir"),
          ("adapters/map/write.c", "adapters/map/fhir")}

INCLUDE = re.compile(r'^#include "([^"]+)"', re.M)
COMMENT = re.compile(r"/\*.*?\*/", re.S)
# A function that others may call, at the left margin, up to its parameters.
FUNCTION = re.compile(r"^(?!static|typedef|#|\s)[A-Za-z_][\w \t\n*]*?"
                      r"\b([a-z]\w*)\((?!\()", re.M)


def tracked():
    """Every source file of the tree that git knows, or is about to."""
    found = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=TOP,
        capture_output=True, text=True)
    if found.returncode == 0 and found.stdout:
        names = found.stdout.split()
    else:
        names = [os.path.relpath(os.path.join(d, f), TOP)
                 for top in ("schemas", "broker", "adapters", "tests", "config")
                 for d, _, files in os.walk(os.path.join(TOP, top))
                 for f in files]
    return sorted(n for n in names if n.endswith((".c", ".h", ".py"))
                  and os.path.exists(os.path.join(TOP, n)))


def read(name):
    with open(os.path.join(TOP, name), encoding="utf-8") as f:
        return f.read()


def target(name, include, files):
    """The file that ${include} names in ${name}; None: it is generated."""
    side = name.split("/")[0]
    for place in (os.path.dirname(name), "schemas", side):
        path = os.path.normpath(os.path.join(place, include))
        if path in files:
            return path
    return None


def room(path):
    """The room of ${path}: the longest that is known."""
    place = os.path.dirname(path)
    while place and place not in ROOMS:
        place = os.path.dirname(place)
    return place


def arrows(files):
    """Every include of ours that reaches another room than it may."""
    for name, text in files.items():
        here = room(name)
        if not here:
            if not name.startswith(("tests/", "config/")):
                yield f"{name}: its folder has no row in ROOMS"
            continue
        for include in INCLUDE.findall(text):
            path = target(name, include, files)
            if path is None and include.startswith("keten/v1/"):
                there = "schemas/keten"
            elif path is None:
                yield f"{name}: no such file: {include}"
                continue
            else:
                there = room(path)
            if there != here and there not in ROOMS[here] and \
                    (name, there) not in EXCEPT:
                yield f"{name}: {here} may not include {include}"


def order():
    """ROOMS itself: from the ground up, which leaves no room for a circle."""
    seen = []
    for name, may in ROOMS.items():
        for other in may:
            if other not in seen:
                yield f"ROOMS: {name} stands before {other}, which it includes"
        seen.append(name)


def circles(files):
    """Headers that include each other, directly or by way of others."""
    done = set()

    def walk(name, path):
        if name in path:
            return path[path.index(name):] + [name]
        if name in done:
            return None
        for include in INCLUDE.findall(files[name]):
            to = target(name, include, files)
            if to and to.endswith(".h") and "/tbl" not in to:
                found = walk(to, path + [name])
                if found:
                    return found
        done.add(name)
        return None

    for name in files:
        if name.endswith(".h") and room(name):
            found = walk(name, [])
            if found:
                yield "a circle: " + " -> ".join(found)
                return


def unexplained(name, text):
    """Functions in a header that stand under no comment.

    A comment is for what follows it up to the next empty line.
    """
    text = COMMENT.sub(lambda m: m[0].replace("\n", "\x01"), text)
    for piece in re.split(r"\n[ \t]*\n", re.sub(r"\\\n", "  ", text)):
        code = re.sub(r"^#.*", "", COMMENT.sub("", piece), flags=re.M)
        if COMMENT.search(piece):
            continue
        for hit in FUNCTION.finditer(code):
            yield f"{name}: {hit[1]}() has no comment"


def main():
    files = {name: read(name) for name in tracked()}
    faults = list(order()) + list(arrows(files)) + list(circles(files))
    for name, text in files.items():
        if name.endswith(".h") and room(name) and "/tbl" not in name and \
                not os.path.basename(name).startswith("tbl_"):
            faults += unexplained(name, text)
    for fault in faults:
        print(fault)
    for name, text in files.items():
        if text.count("\n") > LINES:
            print(f"note: {name}: {text.count(chr(10))} lines")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
