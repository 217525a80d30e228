#!/usr/bin/python3
"""Keten beside a bare loop, in one run, as ratios.

    tests/bench/bench.py [--messages N] [--single N] [--rounds N]
                         [--batch N] [--build DIR]

The bare loop is ROUTER + CURVE + one LMDB commit per turn and nothing else.
Both get the same bytes from the same program: submits with 1 KiB in both
parts, sealed and signed before the clock starts, from 16 partners; two
candidates are connected to the broker and acknowledge.  First each statement
has a signature of its own, then there is one for --batch statements.  Rounds
alternate, so that a machine that is busy for a while slows both.  Absolute
figures mean little on a shared machine; the ratios are what counts.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "config", "demo"))
import network  # noqa: E402

CLIENTS = [f"bench-{n:02d}" for n in range(16)]
CANDIDATES = ["lwdb-noord", "welzijn-w"]
CODE, AREA, BASIS = "DST-102", "WK085501", "G-OVK"
IN_FLIGHT = 4096

# What is measured, from which of the two runs, and what it should be.
ROWS = (
    ("many in flight, per second", "alone", "per_second", ">=", 0.2),
    ("one at a time, ms, median", "alone", "median_ms", "<=", 2.5),
    ("one signature for %d, per second", "batch", "per_second", ">=", 0.2),
)


def patch(tree):
    """Sixteen partners more, who submit."""
    for name in CLIENTS:
        tree["partners"].append({
            "id": name, "name": name, "kind": "thuiszorg",
            "identity_key": f"file:partners/{name}.pub", "roles": ["submit"]})


def make_network(root, build):
    """A network with a running broker."""
    net = network.Network(
        root, build=build, patch=patch,
        settings={"limits": {"window": 1024, "rate": 1000000,
                             "burst": 10000000}})
    net.make()
    net.start_broker()
    net.enrol(CLIENTS + CANDIDATES + ["gemeente-r"])
    return net


class Bare:
    """The loop, listening."""

    def __init__(self, net, build, store):
        with open(net.path("broker", "keys", "curve.key"),
                  encoding="ascii") as f:
            secret = f.read().split()[2]
        self.endpoint = f"tcp://127.0.0.1:{network.free_port()}"
        self.process = subprocess.Popen(
            [os.path.join(build, "tests", "bench", "bare"), self.endpoint,
             secret, store], stdout=subprocess.PIPE)
        self.process.stdout.readline()

    def stop(self):
        self.process.terminate()
        self.process.wait()


def config(path, net, bare, messages, single, batch):
    """What the load is told."""
    home = lambda p: net.path("partners", p, "keys")
    lines = [f"keten tcp://127.0.0.1:{net.port}", f"bare {bare}",
             f"server_key {net.keys['curve']}", f"origin {net.origin}",
             "policy 1", f"code {CODE}", f"area {AREA}", f"basis {BASIS}",
             f"messages {messages}", f"single {single}", f"batch {batch}",
             f"window {IN_FLIGHT // len(CLIENTS)}"]
    lines += [f"client {p} {home(p)}" for p in CLIENTS]
    lines += [f"candidate {p} {home(p)}" for p in CANDIDATES]
    lines += [f"recipient {p} {home(p)}" for p in CANDIDATES + ["gemeente-r"]]
    with open(path, "w", encoding="ascii") as f:
        f.write("\n".join(lines) + "\n")


def load(build, path):
    done = subprocess.run([os.path.join(build, "tests", "bench", "load"),
                           path], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"bench: load failed\n{done.stdout}{done.stderr}")
    return json.loads(done.stdout)


def measure(root, args, batch):
    """Both, each with a store of its own, with the same messages."""
    shutil.rmtree(root, ignore_errors=True)
    build = os.path.join(TOP, args.build)
    net = make_network(os.path.join(root, "net"), build)
    try:
        bare = Bare(net, build, os.path.join(root, "bare"))
        try:
            path = os.path.join(root, "load.conf")
            config(path, net, bare.endpoint, args.messages, args.single,
                   batch)
            return load(build, path)
        finally:
            bare.stop()
    finally:
        net.stop()


def table(rounds, args):
    """The figures: median of the rounds, and of their ratios."""
    figures = []
    print(f"{'':36}{'keten':>10}{'bare loop':>11}{'ratio':>7}  target")
    for name, run, what, sign, target in ROWS:
        mine = [r[run]["keten"][what] for r in rounds]
        bare = [r[run]["bare"][what] for r in rounds]
        ratio = statistics.median(a / b for a, b in zip(mine, bare))
        name = name % args.batch if "%" in name else name
        print(f"{name:36}{statistics.median(mine):10.2f}"
              f"{statistics.median(bare):11.2f}{ratio:7.2f}"
              f"  {sign} {target}")
        figures.append({"name": name, "keten": statistics.median(mine),
                        "bare": statistics.median(bare), "ratio": ratio,
                        "sign": sign, "target": target})
    return figures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--messages", type=int, default=16384)
    parser.add_argument("--single", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--build", default="build")
    args = parser.parse_args()
    root = tempfile.mkdtemp(prefix="keten-bench-")
    rounds = []
    try:
        for n in range(args.rounds):
            print(f"round {n + 1} of {args.rounds} ...", file=sys.stderr)
            rounds.append({"alone": measure(root, args, 1),
                           "batch": measure(root, args, args.batch)})
    finally:
        shutil.rmtree(root, ignore_errors=True)
    figures = table(rounds, args)
    path = os.path.join(TOP, args.build, "bench.json")
    with open(path, "w", encoding="ascii") as f:
        json.dump({"figures": figures, "rounds": rounds,
                   "in_flight": IN_FLIGHT, "clients": len(CLIENTS)}, f,
                  indent=1)
    print(f"all rounds stand in {os.path.relpath(path, TOP)}")


if __name__ == "__main__":
    main()
