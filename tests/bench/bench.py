#!/usr/bin/python3
"""Keten beside a bare loop, in one run, as ratios.

    tests/bench/bench.py [--messages N] [--single N] [--rounds N]

The bare loop is ROUTER + CURVE + one LMDB commit per turn and nothing else.
Both get the same bytes from the same program: submits with 1 KiB in both
parts, sealed and signed before the clock starts, from 16 partners; two
candidates are connected to the broker and acknowledge.  Rounds alternate, so
that a machine that is busy for a while slows both.  Absolute figures mean
little on a shared machine; the ratios are what counts.
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
TARGETS = {"many in flight": (">=", 0.2), "one at a time": ("<=", 2.5)}


def patch(tree):
    """Sixteen partners more, who submit."""
    for name in CLIENTS:
        tree["partners"].append({
            "id": name, "name": name, "kind": "thuiszorg",
            "identity_key": f"file:partners/{name}.pub", "roles": ["submit"]})


def config(path, mode, endpoint, server_key, net, args):
    home = lambda p: net.path("partners", p, "keys")
    lines = [f"mode {mode}", f"endpoint {endpoint}",
             f"server_key {server_key}", f"origin {net.origin}", "policy 1",
             f"code {CODE}", f"area {AREA}", f"basis {BASIS}",
             f"messages {args.messages}", f"single {args.single}",
             f"window {IN_FLIGHT // len(CLIENTS)}"]
    lines += [f"client {p} {home(p)}" for p in CLIENTS]
    lines += [f"candidate {p} {home(p)}" for p in CANDIDATES]
    lines += [f"recipient {p} {home(p)}" for p in CANDIDATES + ["gemeente-r"]]
    with open(path, "w", encoding="ascii") as f:
        f.write("\n".join(lines) + "\n")


def load(path):
    done = subprocess.run(["build/tests/bench/load", path], cwd=TOP,
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"bench: load failed\n{done.stdout}{done.stderr}")
    return json.loads(done.stdout)


def bare(root, net, args):
    """One round against the bare loop."""
    key = net.path("broker", "keys", "curve.key")
    with open(key, encoding="ascii") as f:
        secret = f.read().split()[2]
    endpoint = f"tcp://127.0.0.1:{network.free_port()}"
    store = os.path.join(root, "bare")
    shutil.rmtree(store, ignore_errors=True)
    loop = subprocess.Popen(["build/tests/bench/bare", endpoint, secret,
                             store], cwd=TOP, stdout=subprocess.PIPE)
    loop.stdout.readline()
    try:
        path = os.path.join(root, "bare.conf")
        config(path, "bare", endpoint, net.keys["curve"], net, args)
        return load(path)
    finally:
        loop.terminate()
        loop.wait()


def keten(root, args):
    """A network for one round against the broker."""
    shutil.rmtree(os.path.join(root, "net"), ignore_errors=True)
    net = network.Network(
        os.path.join(root, "net"), patch=patch,
        settings={"limits": {"window": 1024, "rate": 1000000,
                             "burst": 10000000}})
    net.make()
    net.start_broker()
    net.enrol(CLIENTS + CANDIDATES + ["gemeente-r"])
    return net


def ratio(pairs):
    return statistics.median(a / b for a, b in pairs)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--messages", type=int, default=8192)
    parser.add_argument("--single", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    root = tempfile.mkdtemp(prefix="keten-bench-")
    rounds = []
    for n in range(args.rounds):
        print(f"round {n + 1} of {args.rounds} ...", file=sys.stderr)
        net = keten(root, args)
        try:
            path = os.path.join(root, "keten.conf")
            config(path, "keten", f"tcp://127.0.0.1:{net.port}",
                   net.keys["curve"], net, args)
            ours = load(path)
        finally:
            net.stop()
        rounds.append({"keten": ours, "bare": bare(root, net, args)})
    shutil.rmtree(root, ignore_errors=True)

    figures = {
        "many in flight": ratio([(r["keten"]["per_second"],
                                  r["bare"]["per_second"]) for r in rounds]),
        "one at a time": ratio([(r["keten"]["median_ms"],
                                 r["bare"]["median_ms"]) for r in rounds]),
    }
    middle = lambda who, what: statistics.median(r[who][what] for r in rounds)
    print(f"{'':28}{'keten':>12}{'bare loop':>12}{'ratio':>8}  target")
    for name, what, unit in (("many in flight", "per_second", "per second"),
                             ("one at a time", "median_ms", "ms, median")):
        sign, target = TARGETS[name]
        print(f"{name + ', ' + unit:28}{middle('keten', what):12.2f}"
              f"{middle('bare', what):12.2f}{figures[name]:8.2f}"
              f"  {sign} {target}")
    os.makedirs(os.path.join(TOP, "build"), exist_ok=True)
    with open(os.path.join(TOP, "build", "bench.json"), "w",
              encoding="utf-8") as f:
        json.dump({"ratios": figures, "rounds": rounds,
                   "messages": args.messages, "in_flight": IN_FLIGHT,
                   "connections": len(CLIENTS), "signatures": "single",
                   "cores": os.cpu_count()}, f, indent=2)
    print("all figures: build/bench.json")


if __name__ == "__main__":
    main()
