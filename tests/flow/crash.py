#!/usr/bin/python3
"""Kill the broker at every step of commit, erase, sign and publish.

    tests/flow/crash.py [--build DIR]          everywhere (`make crash`)
    tests/flow/crash.py --short                a few of each, for `make test`
    tests/flow/crash.py --place "erase, pwrite64" --at 3     one of them again

The same short life of two referrals is played over and over, each time from the
same beginning.  strace kills the broker at one system call that touches the
store, the keys, the guard, the journal of erasures, or the network: the first
time at the first such call, then at the second, and so on until the life was
lived without reaching it.  So it dies at each boundary there is.

Each time, before anything is mended, the dead store has to verify; then the
broker starts again, everybody finishes what they were doing, and

    every step that got a receipt is in the log, as that step, with a proof
    no partner saw a checkpoint that the log does not continue
    the guard permits signing
    what was to be erased is nowhere, and nothing else is gone
    verify and replay find nothing

Speaks TAP.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import traceback

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.join(TOP, "config", "demo")]

import checks                                           # noqa: E402
import erasing                                          # noqa: E402
import run as flows                                     # noqa: E402
from hands import Driver, LocalRefusal                  # noqa: E402
from network import Child, Network, Trouble, wait_for   # noqa: E402

CAST = ["lwdb-noord", "welzijn-w", "gemeente-r"]
GOOD = (0, 10, 11)
SHORT_SECONDS = 12.0
PERSON = {"name": "Hendrika Oudewater", "street": "Lijsterbesstraat",
          "housenumber": "12", "city": "Voorbeeldstad"}
SIGNAL = {"code": "SIG-101", "area": "WK085501", "urgency": "NORMAL",
          "basis": "G-TOE", "discussed": "AGREES", "person": PERSON,
          "note": "Gordijnen al dagen dicht."}

# What is killed at: a name, the file (None: any), one call; strace counts the
# calls of each kind apart.  Killed at a call is killed before it.
PLACES = (
    ("commit", "store/data.mdb", "pwrite64"),
    ("commit", "store/data.mdb", "pwritev"),
    ("commit", "store/data.mdb", "fdatasync"),
    ("erase", "store/vault.keys", "pwrite64"),
    ("erase", "store/vault.keys", "fdatasync"),
    ("note", "guard.erasures", "write"),
    ("note", "guard.erasures", "fdatasync"),
    ("sign", "guard", "pwrite64"),
    ("sign", "guard", "fdatasync"),
    ("publish", None, "sendto"),
)


class Wrong(Exception):
    """What must hold did not."""


class Life:
    """One network, taken back to its beginning again and again."""

    def __init__(self, root, build):
        self.net = Network(root, build, settings={
            "limits": {"rate": 100000, "burst": 100000},
            "times": {"checkpoint": "20 ms"}})
        self.net.make(CAST)
        self.net.start_broker()
        self.net.enrol(CAST)
        self.play_hands()
        self.stop_hands()
        self.net.stop_broker()
        for name in ("broker", "partners"):
            shutil.copytree(self.net.path(name), self.net.path("was", name),
                            ignore=shutil.ignore_patterns("control"))
        self.died = threading.Event()
        self.over = threading.Event()
        self.trouble = None

    # --- the network ----------------------------------------------------------

    def play_hands(self):
        self.hands = {}
        for partner in CAST:
            self.hands[partner] = Driver(self.net, partner)
            self.hands[partner].start()
        for hand in self.hands.values():
            hand.sync()

    def stop_hands(self):
        for hand in self.hands.values():
            hand.stop()

    def again(self):
        """The beginning: the files as they were, no logs."""
        for name in ("broker", "partners"):
            shutil.rmtree(self.net.path(name))
            shutil.copytree(self.net.path("was", name), self.net.path(name))
        shutil.rmtree(self.net.path("log"), ignore_errors=True)
        self.died.clear()
        self.over.clear()
        self.trouble = None

    def tracer(self, place, at, out="/dev/null"):
        """The words before ketend; ${at} 0 only counts."""
        _, path, call = place
        words = ["strace", "-D", "-f", "-qq", "-o", out]
        if path is not None:
            words += ["-P", self.net.path("broker", path)]
        words += ["-e", "trace=" + call]
        if at > 0:
            words += ["-e", f"inject={call}:signal=KILL:when={at}"]
        return words

    def start(self, wrap):
        self.net.wrap = wrap
        try:
            self.net.start_broker()
        except Trouble:
            if self.net.children["ketend"].alive():
                raise           # it should have died, or come up
        finally:
            self.net.wrap = []

    def watch(self):
        """Wait for the death; look at the corpse; start the broker again.
        A child lives as long as the thread that started it: stay."""
        child = self.net.children["ketend"]
        child.process.wait()
        if self.closing:
            return
        try:
            self.audit("verify", "dood")
            self.net.start_broker()
        except (Trouble, Wrong) as e:
            self.trouble = e
        self.died.set()
        self.over.wait()

    # --- what is played ---------------------------------------------------------

    def do(self, partner, step, **fields):
        hand = self.hands[partner]
        out = hand.finish(hand.begin(step, **fields), 30.0)
        if self.trouble is not None:
            raise self.trouble
        if out["status"] != "done":
            raise Wrong(f"{partner} {step}: {out}")
        self.receipts.append((step, out["referral"], out["index"]))
        return out["referral"]

    def sees(self, partner, referral, state):
        wait_for(f"{partner} ziet {state}", lambda: (
            self.hands[partner].show(referral) or {}).get("state") == state)

    def play(self):
        """The life of two referrals; both are erased in the end."""
        lwdb, welzijn, gemeente = CAST
        one = self.do(lwdb, "SUBMIT", **SIGNAL)
        self.sees(welzijn, one, "OFFERED")
        self.do(welzijn, "ACCEPT", referral=one)
        wait_for("het persoonsdeel", lambda: PERSON["name"] in (
            self.hands[welzijn].open_part(one, "person") or ""))
        self.do(welzijn, "START", referral=one)
        self.do(welzijn, "COMPLETE", referral=one, outcome="UIT-01")
        self.sees(lwdb, one, "COMPLETED")
        self.do(lwdb, "ACKNOWLEDGE", referral=one)
        self.sees(welzijn, one, "CLOSED")
        two = self.do(lwdb, "SUBMIT", **SIGNAL)
        self.sees(welzijn, two, "OFFERED")
        for referral in (one, two):     # as custodian it has a copy
            wait_for("gemeente heeft het ook", lambda r=referral:
                     self.hands[gemeente].show(r))
        self.remember()
        self.do(gemeente, "ERASE", referral=one, reason="RED-20")
        self.do(lwdb, "MARK_ERROR", referral=two, reason="RED-09")
        wait_for("iedereen bevestigt", lambda: not self.ask("erase status"))
        return one, two

    def ask(self, cmd):
        """As long as it takes: the broker may be on its way back."""
        try:
            return self.net.ask(cmd=cmd)
        except (OSError, ValueError, Trouble):
            return [{"partner": "?"}]

    def signs(self):
        try:
            return self.net.ask(cmd="guard")["signing"]
        except (OSError, ValueError, Trouble):
            return False

    def remember(self):
        """What must be nowhere in the end (erasing.py)."""
        self.memory = {}
        self.cast = ["lwdb", "welzijn", "gemeente"]
        erasing.remember(self)

    # --- what must hold -----------------------------------------------------------

    def audit(self, verb, when=""):
        status, out, err = self.net.audit(verb)
        if status not in GOOD:
            raise Wrong(f"{verb} {when}: {status}\n{out}{err}")

    def check(self, one, two):
        checks.until("alles is weg", lambda: (
            erasing.left(self) == "", erasing.left(self)))
        chain = {}
        for referral in (one, two):
            _, out, _ = self.net.audit("trace", referral, "--json")
            for line in out.splitlines():
                row = json.loads(line) if line.startswith("{") else {}
                for step in row.get("steps", []):
                    chain.setdefault(row["index"], []).append(step["event"])
        for step, _, index in self.receipts:
            if step != "ERASE" and step not in chain.get(index, []):
                raise Wrong(f"record {index} hoort {step} te zijn: {chain}")
            wait_for(f"record {index} is te bewijzen", lambda i=index:
                     self.net.audit("prove", str(i))[0] in GOOD)
        # It may die as late as here, and come back.
        wait_for("er wordt ondertekend", self.signs)
        self.audit("verify", "na afloop")
        self.audit("replay", "na afloop")
        bad = flows.sick(self.net.root)
        if bad:
            raise Wrong(bad)

    def once(self, wrap):
        """Play it once; tell whether the broker died on the way."""
        self.again()
        self.receipts, self.closing = [], False
        self.start(wrap)
        watcher = threading.Thread(target=self.watch, daemon=True)
        watcher.start()
        try:
            self.play_hands()
            self.check(*self.play())
            if self.trouble is not None:
                raise self.trouble
            died = self.died.is_set()
        finally:
            self.closing = True
            self.stop_hands()
            child = self.net.children.pop("ketend", None)
            if child is not None:
                child.kill()
            self.over.set()
        return died



# --- the campaign ------------------------------------------------------------------

class Tap:
    def __init__(self):
        self.n = self.failed = 0

    def line(self, good, text):
        self.n += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.n} - {text}", flush=True)

    def note(self, text):
        for line in str(text).splitlines():
            print("# " + line, flush=True)


def name_of(place):
    return f"{place[0]}, {place[2]}"


def may_trace():
    """Some hosts let nobody trace a program."""
    return shutil.which("strace") is not None and subprocess.run(
        ["strace", "-D", "-f", "-qq", "-o", os.devnull, "true"],
        capture_output=True, check=False).returncode == 0


def kill_at(life, place, at, tap):
    """One death; a failure is a line of its own."""
    try:
        return life.once(life.tracer(place, at)), True
    except (Trouble, Wrong, LocalRefusal) as e:
        tap.line(False, f"{name_of(place)} {at}")
        tap.note(e)
    except Exception:               # a mistake of the test itself
        tap.line(False, f"{name_of(place)} {at}")
        tap.note(traceback.format_exc())
    flows.show_logs(tap, life.net.root)
    return True, False


def everywhere(life, place, tap):
    """Until the life is lived without reaching it."""
    at, deaths, good = 1, 0, True
    while good:
        died, good = kill_at(life, place, at, tap)
        if not died:
            break
        deaths += 1
        at += 1
        if deaths % 25 == 0:
            tap.note(f"{name_of(place)}: {deaths}")
    if good and deaths == 0:
        tap.note(f"{name_of(place)}: no such call in this life")
    elif good:
        tap.line(True, f"{name_of(place)}: killed at each of {deaths} calls, "
                 "and nothing was lost or left")
    return deaths


def some(life, tap, seed):
    """A few of each, as many as there is time for."""
    pick = random.Random(seed)
    end = time.monotonic() + SHORT_SECONDS
    deaths = {p[0]: 0 for p in PLACES}
    most = {p: 40 for p in PLACES}
    while time.monotonic() < end or min(deaths.values()) == 0:
        least = min(deaths.values())
        place = pick.choice([p for p in PLACES if deaths[p[0]] == least])
        at = pick.randint(1, most[place])
        died, good = kill_at(life, place, at, tap)
        if not good:
            return
        if died:
            deaths[place[0]] += 1
        else:
            most[place] = max(1, at // 4)
    for name, n in deaths.items():
        tap.line(True, f"{name}: killed at {n} calls, and nothing was lost "
                 "or left")


def main():
    args = argparse.ArgumentParser()
    args.add_argument("--build", default="build")
    args.add_argument("--short", action="store_true")
    args.add_argument("--place")
    args.add_argument("--at", type=int)
    args.add_argument("--seed", type=int)
    args.add_argument("--keep", action="store_true")
    args = args.parse_args()
    os.environ.setdefault("ASAN_OPTIONS", "detect_leaks=0:abort_on_error=1")
    os.chdir(TOP)
    tap = Tap()
    if not may_trace():
        print("ok 1 - crash # SKIP there is no strace, or it may not trace"
              "\n1..1")
        return 0
    seed = args.seed if args.seed is not None else random.randrange(1 << 31)
    tap.note(f"seed {seed}")
    root = tempfile.mkdtemp(prefix="keten-crash-")
    places = [p for p in PLACES if args.place in (None, p[0], name_of(p))]
    life = Life(root, args.build)
    if args.at is not None:
        died, good = kill_at(life, places[0], args.at, tap)
        if good:
            tap.line(True, f"{name_of(places[0])} {args.at}: "
                     + ("killed" if died else "not reached"))
    elif args.short:
        some(life, tap, seed)
    else:
        if sum(everywhere(life, place, tap) for place in places) == 0:
            tap.line(False, "it was never killed")
    print(f"1..{tap.n}")
    if tap.failed or args.keep:
        tap.note(f"alles staat in {root}")
    else:
        shutil.rmtree(root, ignore_errors=True)
    return 1 if tap.failed else 0


if __name__ == "__main__":
    sys.exit(main())
