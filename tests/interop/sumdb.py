#!/usr/bin/python3
"""What the packages of Go's checksum database say of our log.

    make interop-go          or tests/interop/sumdb.py [--build DIR]

A broker and two partners make a log of more than one tile; `keten receipt`
gives receipts of it and `keten-audit export --format tiles` the tiles.
tests/interop/golang, built with golang.org/x/mod/sumdb/note and tlog of
Debian, opens the checkpoint, proves every entry from the tiles, and checks the
receipts.  What was changed must be found.  Speaks TAP.
"""

import argparse
import glob
import os
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [os.path.join(TOP, "tests", "flow"),
                os.path.join(TOP, "config", "demo")]

from more import driver, must, network, submit           # noqa: E402
from network import wait_for                             # noqa: E402
from oversight import signalled, take_receipt            # noqa: E402

WORK = os.path.join(TOP, "build", "interop")
GOPATH = "/usr/share/gocode"
CAST = ["lwdb-noord", "welzijn-w", "gemeente-r"]
TILE = 256


def build():
    """The program, without a module proxy; its path."""
    out = os.path.join(WORK, "sumdb")
    os.makedirs(WORK, exist_ok=True)
    if shutil.which("go") is None or not os.path.isdir(
            os.path.join(GOPATH, "src/golang.org/x/mod/sumdb/tlog")):
        print("ok 1 - sumdb # SKIP golang-go or golang-golang-x-mod-dev is "
              "not installed\n1..1")
        sys.exit(0)
    env = dict(os.environ, GO111MODULE="off", GOFLAGS="", GOPATH=GOPATH,
               GOPROXY="off", GOCACHE=os.path.join(WORK, "go-cache"))
    subprocess.run(["go", "build", "-o", out, "./tests/interop/golang"],
                   cwd=TOP, env=env, check=True)
    return out


def make_log(net):
    """More than a tile of records; receipts from before and after."""
    receipts = [receipt(net, "early")]
    lwdb = driver(net, "lwdb-noord")
    while net.ask(cmd="status")["size"] <= TILE + 20:
        submit(lwdb)
    lwdb.stop()
    receipts.append(receipt(net, "late"))
    return receipts


def receipt(net, name):
    answer = signalled(net)
    wait_for("het controlepunt", lambda: net.ask(
        cmd="status")["checkpoint"] > answer["index"], 20)
    return take_receipt(net, "lwdb-noord", answer["ticket"], name)


def flipped(was):
    """The same with one bit in the middle changed."""
    at = len(was) // 2
    return was[:at] + bytes([was[at] ^ 1]) + was[at + 1:]


def checks(program, net, tiles, receipts):
    """(what, holds) of each check."""
    vkey = net.keys["vkey"]

    def says(*args):
        done = subprocess.run([program, *args], capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr
    status, said = says(vkey, tiles, *receipts)
    yield (f"the checkpoint is a note; {said.split(' tiles and ')[-1].split()[0]}"
           " entries and two receipts hold", status == 0)
    must(status == 0, said)
    for name, pattern in (("a full tile", "tile/0/000"),
                          ("a partial one", "tile/0/001.p/*"),
                          ("the upper one", "tile/1/000.p/*"),
                          ("an entry", "tile/entries/000"),
                          ("the checkpoint", "checkpoint")):
        path, = glob.glob(os.path.join(tiles, pattern))
        with open(path, "rb") as f:
            was = f.read()
        with open(path, "wb") as f:
            f.write(flipped(was))
        status, said = says(vkey, tiles)
        with open(path, "wb") as f:
            f.write(was)
        yield f"one bit of {name} is found", status == 1
    with open(receipts[0], encoding="utf-8") as f:
        lines = f.read().splitlines()
    broken = receipts[0] + ".broken"
    with open(broken, "w", encoding="utf-8") as f:
        f.write("\n".join(x if not x.startswith("index ") else
                          f"index {int(x[6:]) + 1}" for x in lines) + "\n")
    status, said = says(vkey, tiles, broken)
    yield "a receipt with another index is found", status == 1


def main():
    args = argparse.ArgumentParser()
    args.add_argument("--build", default="build")
    args = args.parse_args()
    program = build()
    where = tempfile.mkdtemp(prefix="keten-sumdb-")
    n = failed = 0
    try:
        net = network(where, args.build, CAST)
        try:
            receipts = make_log(net)
            tiles = os.path.join(where, "tiles")
            status, out, err = net.audit("export", "--format", "tiles", tiles)
            must(status in (0, 10), f"export: {status} {out}{err}")
            for what, good in checks(program, net, tiles, receipts):
                n += 1
                failed += not good
                print(f"{'ok' if good else 'not ok'} {n} - sumdb: {what}")
        finally:
            net.stop()
    finally:
        shutil.rmtree(where, ignore_errors=True)
    print(f"1..{n}")
    return 1 if failed or n == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
