"""Stories about promises to people that only show in a corner.

As in more.py each is a function (where, build, tell, random).
"""

import json
import os
import signal
import subprocess
import time

import checks
from caseload import take, view_is
from lang import Failure, local_ms
from more import PERSON, audited, driver, must, network, story, submit
from network import wait_for


def try_step(hand, step, **fields):
    """What came of a step that may be refused."""
    hand.sync()
    return hand.finish(hand.begin(step, **fields))


def regisseur_may(tree):
    """What care may get, the regisseur may get too."""
    for c in tree["covenants"]:
        if c["id"] == "COV-01":
            c["content"] = ["clinical"]


def landlord_first(tree):
    """Filth goes to the landlord first, from now on."""
    for r in tree["routes"]:
        if r["id"] == "R-SIG-202":
            r["rungs"] = [["corporatie-c"], ["zorg-z"]]


@story("54-what-may-come-to-whom")
def may_come(where, build, tell, random):
    """Medical data come to nobody that no covenant lets have them, later too"""
    cast = ["lwdb-noord", "welzijn-w", "zorg-z", "corporatie-c", "gemeente-r"]
    net = network(where, build, cast, patch=regisseur_may)
    try:
        hand = {p: driver(net, p) for p in cast}
        lwdb, reg, wel = (hand[p] for p in ("lwdb-noord", "gemeente-r",
                                            "welzijn-w"))
        ill = {**PERSON, "clinical": [{"resourceType": "Condition"}]}
        medical = submit(lwdb, code="SIG-202", person=ill)
        plain = submit(lwdb, code="SIG-202")
        view_is(reg, medical, state="OFFERED")
        view_is(reg, plain, state="OFFERED")

        out = try_step(reg, "OFFER_MORE", referral=medical, to="corporatie-c")
        must(out["status"] == "refused" and out["code"] == "NOT_ALLOWED" and
             "persoonsdeel" in out["rule"], f"OFFER_MORE: {out}")
        out = try_step(reg, "OFFER_MORE", referral=plain, to="corporatie-c")
        must(out["status"] == "done", f"OFFER_MORE zonder: {out}")
        out = try_step(reg, "OFFER_MORE", referral=medical, to="zorg-z")
        must(out["status"] == "done", f"OFFER_MORE zorg: {out}")
        tell(True, "one more candidate only if it may get what is in it")

        take(wel, medical)
        for step, more in (("START", {}), ("COMPLETE", {"outcome": "UIT-01"})):
            out = try_step(wel, step, referral=medical, **more)
            must(out["status"] == "done", f"{step}: {out}")
        net.change_policy(landlord_first)
        view_is(lwdb, medical, state="COMPLETED")
        out = try_step(lwdb, "REOPEN", referral=medical, reason="RED-03")
        must(out["status"] == "done", f"REOPEN: {out}")
        view_is(wel, medical, state="OFFERED")
        offer = wel.show(medical)
        out = try_step(wel, "DECLINE", referral=medical, reason="AFW-01")
        must(out["status"] == "done", f"DECLINE: {out} {offer}")
        view_is(hand["zorg-z"], medical, offer_state="OPEN")
        must(hand["corporatie-c"].show(medical) is None,
             "de verhuurder weet ervan")
        tell(True, "reopened under a new policy: who may not get it is "
             "passed over, and hears nothing")
        for h in hand.values():
            h.stop()
        audited(net, tell)
    finally:
        net.stop()


# --- whole records that are erased, under the eyes of an auditor ------------------

DAY = 24 * 3600 * 1000
EACH = 4            # referrals in a batch
KEPT = 1826         # days that records stay: five years
TRIES = 400         # until an auditor is caught in the middle


def soon_gone(tree):
    """Content after two days, whole records after five years."""
    tree["retention"] = [
        {"rule": 1, "level": 1, "days": 2, "label": "inhoud", "codes": ["SIG"]},
        {"rule": 2, "level": 1, "days": 2, "label": "inhoud", "codes": ["DST"]},
        {"rule": 3, "level": 2, "days": KEPT, "label": "het logboek"}]


def finished(lwdb, wel):
    """A referral with its whole life."""
    one = submit(lwdb)
    take(wel, one)
    for hand, step, more in ((wel, "START", {}),
                             (wel, "COMPLETE", {"outcome": "UIT-01"}),
                             (lwdb, "ACKNOWLEDGE", {})):
        if hand is lwdb:
            view_is(lwdb, one, state="COMPLETED")
        out = try_step(hand, step, referral=one, **more)
        must(out["status"] == "done", f"{step}: {out}")
    return one


def erased(net):
    """How many ERASE records there are of each level, by their facts."""
    status, out, err = net.audit("export")
    must(status in checks.GOOD, f"export: {status} {err}")
    rows = [json.loads(line).get("facts", {}).get("erase")
            for line in out.splitlines() if line]
    return [sum(e["level"] == n for e in rows if e) for n in (1, 2)]


def later(net, days, level, how_many):
    """The broker is away for days, and then erases what is due."""
    before = erased(net)
    net.stop_broker()
    net.set_clock(net.clock_ms + days * DAY)
    net.start_broker()
    wait_for("er is gewist", lambda: erased(net)[level - 1] >=
             before[level - 1] + how_many, 60, 0.1)
    wait_for("ieder bevestigde", lambda: net.ask(cmd="erase status") == [],
             60, 0.05)


def state_of(child):
    """The letter of /proc for a process; it runs with others beside it."""
    with open(f"/proc/{child.pid}/stat", encoding="ascii",
              errors="replace") as f:
        return f.read().rsplit(")", 1)[1].split()[0]


def reads_store(child):
    """Has the auditor opened the log?"""
    try:
        return any(os.readlink(f"/proc/{child.pid}/fd/{fd}").endswith(
            "data.mdb") for fd in os.listdir(f"/proc/{child.pid}/fd"))
    except OSError:                 # closed meanwhile, or ended
        return False


def audited_during(net, random, verb, act):
    """Stop an auditor somewhere in its work, do something, let it go on."""
    for _ in range(TRIES):
        child = subprocess.Popen(
            [net.program("keten-audit"), verb, "--threads", "1",
             *net.audit_trust()], stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True)
        while child.poll() is None and not reads_store(child):
            pass
        time.sleep(random.random() * 0.02)
        if child.poll() is None:
            os.kill(child.pid, signal.SIGSTOP)
            wait_for("de auditor staat stil", lambda c=child: state_of(c) in
                     "TZX", 20)
        if child.poll() is None:
            act()
            os.kill(child.pid, signal.SIGCONT)
            out, _ = child.communicate(timeout=120)
            return child.returncode, out
        child.communicate()         # it was done already: once more
    raise Failure(f"{verb} was steeds al klaar")


def they_end_with(net, verify, replay):
    for verb, code in (("verify", verify), ("replay", replay)):
        status, out, err = net.audit(verb)
        must(status == code, f"{verb}: {status}, niet {code}\n{out}{err}")


@story("55-erased-while-audited")
def erased_while_audited(where, build, tell, random):
    """Content and whole records go while an auditor reads: lawful, or nothing"""
    cast = ["lwdb-noord", "welzijn-w", "gemeente-r"]
    net = network(where, build, cast, patch=soon_gone,
                  clock_ms=local_ms(2026, 11, 2, 9, 0))
    try:
        lwdb, wel, reg = (driver(net, p) for p in cast)
        stays = submit(lwdb, code="SIG-401")
        view_is(reg, stays, state="ESCALATED")
        gone, at = [], net.clock_ms
        for verb in ("verify", "replay"):
            gone += [finished(lwdb, wel) for _ in range(EACH)]
            status, out = audited_during(
                net, random, verb, lambda: later(net, 3, 1, EACH))
            must(status in checks.GOOD, f"{verb}: {status}\n{out}")
            # A replay needs no content, and misses none.
            they_end_with(net, 11, 10)
            tell(True, f"content went while {verb} was reading")
            later(net, 40, 1, 0)
        for n, verb in enumerate(("verify", "replay")):
            # A month goes as a whole, after its end: November, December.
            days = KEPT + 31 + 31 * n - (net.clock_ms - at) // DAY
            status, out = audited_during(
                net, random, verb, lambda d=days: later(net, d, 2, 1))
            must(status == 11, f"{verb}: {status}\n{out}")
            they_end_with(net, 11, 11)
            tell(True, f"whole records went while {verb} was reading")
        for one in gone:
            status, out, err = net.run(
                "keten-audit", "trace", one, *net.audit_trust(), check=False)
            must(status != 0 and "SUBMIT" not in out, f"{one}: {out}{err}")
        view_is(reg, stays, state="ESCALATED")
        tell(True, "of what is erased no step is left; what is open goes on")

        net.stop_broker()
        net.start_broker()
        they_end_with(net, 11, 11)
        finished(lwdb, wel)
        they_end_with(net, 11, 11)
        tell(True, "the broker starts again, and the view made anew from the "
             "log is the same")
        for hand in (lwdb, wel, reg):
            hand.stop()
    finally:
        net.stop()


# --- codes that ask for more than a referral --------------------------------------

def other_number(tree):
    """What to do and whom to call is the policy's to say."""
    for a in tree["alarms"]:
        if "SIG-303" in a.get("codes", []):
            a["phone"] = "0800-4321"
            a["steps"] = ["Schrijf op wat u ziet.", "Overleg met een collega."]


@story("56-what-to-do-besides")
def besides(where, build, tell, random):
    """Who suspects abuse reads the steps and the number that the policy has"""
    net = network(where, build, ["lwdb-noord", "welzijn-w", "gemeente-r"],
                  patch=other_number)
    try:
        path = net.path("person.json")
        with open(path, "w", encoding="utf-8") as f:
            json.dump(PERSON, f)

        def signal_of(code, *more):
            status, out, err = net.keten(
                "lwdb-noord", "signal", "--code", code, "--area", "WK085501",
                "--basis", "G-TOE", "--discussed", "ja", "--note",
                "Zie het verhaal.", "--person", "@" + path, *more, check=False)
            must(status == 0, f"{code}: {status} {out}{err}")
            return err
        err = signal_of("SIG-303")
        must("Veilig Thuis: 0800-2000" in err and "meldcode" in err, err)
        net.keten("lwdb-noord", "sync")
        for more in ((), ("--json",)):
            err = signal_of("SIG-303", *more)
            for words in ("0800-4321", "1. Schrijf op wat u ziet.",
                          "2. Overleg met een collega.", "bel 112"):
                must(words in err, f"{words}: {err}")
        err = signal_of("SIG-101")
        must("0800-4321" not in err and "bel 112" in err, err)
        tell(True, "the steps and the number, also beside JSON, before there "
             "is a policy too; and only with that code")
        audited(net, tell)
    finally:
        net.stop()
