"""Stories about whole caseloads: handed over, taken over, and a new policy.

As in more.py each is a function (where, build, tell, random).
"""

import json
import os
import pty
import re
import signal
import subprocess

import checks
from more import PERSON, audited, driver, must, network, read, story, submit
from network import wait_for

MANY = 60
KILL_AFTER = 20         # lines of the first, broken transfer


def take(holder, referral):
    """Accept what is offered."""
    wait_for("het aanbod", lambda: "ACCEPT" in may(holder, referral), 20, 0.02)
    out = holder.finish(holder.begin("ACCEPT", referral=referral))
    must(out["status"] == "done", f"ACCEPT: {out}")


def may(hand, referral):
    return re.split(r"[ ,]+", (hand.show(referral) or {}).get("may", ""))


def view_is(hand, referral, **want):
    def look():
        v = hand.show(referral) or {}
        return all(v.get(k) == x for k, x in want.items())
    wait_for(f"{hand.partner} ziet {referral} als {want}; is "
             f"{hand.show(referral)}", look, 20, 0.05)


def exported(net):
    status, out, err = net.audit("export")
    must(status in checks.GOOD, f"export: {status} {err}")
    return [json.loads(line) for line in out.splitlines() if line]


def steps_in_log(net, step):
    """The referrals of each logged command of that kind, refused or not."""
    out = []
    for row in exported(net):
        command = row.get("envelope", {}).get("body", {}).get("command")
        if command and command.get("event") == step:
            out.append(row["envelope"]["body"]["referral"])
    return out


def transfer(net, partner, *args, check=False):
    status, out, err = net.keten(partner, "transfer", *args, "--json",
                                 check=check)
    rows = [json.loads(line) for line in out.splitlines() if line]
    return status, [r for r in rows if "referral" in r], \
        [r for r in rows if "found" in r], err


# --- transfer ------------------------------------------------------------------

def break_off(net, partner, *args):
    """A transfer that is killed with signal 9 in the middle."""
    child = subprocess.Popen(
        [net.program("keten"), "transfer", "-c",
         net.device_settings(partner), *args, "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL, text=True)
    lines = [child.stdout.readline() for _ in range(KILL_AFTER)]
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    must(child.returncode == -signal.SIGKILL, f"{child.returncode}")
    return [json.loads(line) for line in lines]


def at_a_terminal(net, partner, *args):
    """What a person sees who says yes to everything."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(net.program("keten"), [
            "keten", "transfer", "-c", net.device_settings(partner), *args])
    said = ""
    while True:
        try:
            text = os.read(terminal, 4096).decode(errors="replace")
        except OSError:             # the other end is closed
            break
        if not text:
            break
        said += text
        if text.rstrip().endswith("Typ ja:"):
            os.write(terminal, b"ja\n")
    os.close(terminal)
    os.waitpid(pid, 0)
    return said


def both_may(tree):
    """Two named addressees for what is protected."""
    for c in tree["covenants"]:
        if c["id"] == "COV-06":
            c["to"] = ["welzijn-w", "zorg-z"]


@story("47-transfer-of-a-caseload")
def transfer_caseload(where, build, tell, random):
    """A caseload is handed over, killed half-way, and nothing goes twice"""
    cast = ["lwdb-noord", "welzijn-w", "zorg-z", "gemeente-r"]
    net = network(where, build, cast, patch=both_may)
    try:
        lwdb, wel = driver(net, "lwdb-noord"), driver(net, "welzijn-w")
        ours = [submit(lwdb) for _ in range(MANY)]
        guarded = [submit(lwdb, code="SIG-303", area="GM0855")
                   for _ in range(2)]
        other = submit(lwdb, code="DST-403", area="WK085502")
        for referral in ours + guarded + [other]:
            take(wel, referral)
        wel.sync()
        wel.stop()

        status, rows, _, err = transfer(net, "welzijn-w", "--to", "zorg-x",
                                        "--dry-run")
        must(status == 2 and not rows and "'zorg-x' staat niet" in err,
             f"{status} {rows} {err}")
        tell(True, "a partner that is not in the policy is named")

        status, rows, _, _ = transfer(net, "welzijn-w", "--to", "zorg-z",
                                      "--dry-run")
        must(status == 0 and len(rows) == MANY + 3, f"{status} {len(rows)}")
        must(sum(r["protected"] for r in rows) == 2, rows)
        must(not steps_in_log(net, "HAND_OVER"), "er is toch iets gedaan")
        tell(True, "a dry run lists everything and does nothing")

        broken = break_off(net, "welzijn-w", "--to", "zorg-z", "--code",
                           "SIG-100")
        must(all(r["fate"] == "offered" for r in broken), broken)
        status, rows, total, err = transfer(net, "welzijn-w", "--to",
                                            "zorg-z", "--code", "SIG-100")
        must(status == 0, f"{status} {err} {rows[-1:]}")
        must(total[0]["refused"] == 0 and total[0]["waiting"] == 0, total)
        done = steps_in_log(net, "HAND_OVER")
        must(sorted(done) == sorted(ours), f"{len(done)} HAND_OVER van "
             f"{len(ours)}; dubbel: {len(done) - len(set(done))}")
        tell(True, f"{MANY} handed over, killed after {KILL_AFTER}: each once")

        status, rows, total, _ = transfer(net, "welzijn-w", "--to", "zorg-z",
                                          "--code", "SIG-100")
        must(status == 0 and not rows and total[0]["already"] == MANY,
             f"{status} {total}")
        tell(True, "again: nothing is left, and it says so")

        status, rows, total, _ = transfer(net, "welzijn-w", "--to", "zorg-z",
                                          "--code", "SIG-300")
        must(status == 1 and total[0]["unconfirmed"] == 2, f"{total}")
        status, rows, total, _ = transfer(
            net, "welzijn-w", "--to", "zorg-z", "--code", "SIG-300",
            "--confirm", guarded[0])
        must(status == 1 and total[0]["offered"] == 1 and
             total[0]["unconfirmed"] == 1, f"{total} {rows}")
        must([r["referral"] for r in rows if r["fate"] == "offered"]
             == guarded[:1], rows)
        tell(True, "protected codes go one by one, each with its own yes")

        said = at_a_terminal(net, "welzijn-w", "--to", "zorg-z", "--code",
                             "SIG-300")
        must("Typ ja" in said and "1 van 1; 0 geweigerd" in said and
             guarded[1] in said, said)
        view_is(wel_again := driver(net, "welzijn-w"), guarded[1],
                state="HANDOVER_OFFERED")
        wel_again.stop()
        tell(True, "at a terminal it asks for each, and shows how far it is")

        status, rows, total, _ = transfer(net, "welzijn-w", "--to",
                                          "mantelzorg-m", "--area",
                                          "WK085501")
        must(status == 0 and total[0]["found"] == 0, total)
        status, rows, total, _ = transfer(net, "welzijn-w", "--to",
                                          "gemeente-r", "--area", "WK085502")
        must(status == 1 and rows[0]["fate"] == "refused" and
             rows[0]["error"] == "NOT_ALLOWED" and rows[0]["rule"],
             f"{rows}")
        tell(True, "what is refused is said, with the rule")

        care = driver(net, "zorg-z")
        take(care, ours[0])
        view_is(lwdb, ours[0], holder="zorg-z", state="ACCEPTED")
        view_is(lwdb, ours[1], holder="welzijn-w")
        for hand in (lwdb, care):
            hand.stop()
        audited(net, tell)
    finally:
        net.stop()


# --- successors -------------------------------------------------------------------

def taken_over(tree):
    """Welzijn stops; two others take over, by group of codes."""
    for p in tree["partners"]:
        if p["id"] == "welzijn-w":
            p["ended"] = "2026-10-01"
            p["successors"] = [
                {"partner": "mantelzorg-m", "codes": ["DST"]},
                {"partner": "zorg-z"}]
    for g in tree["groups"]:
        if g.get("function_partner") == "welzijn-w":
            g["function_partner"] = "zorg-z"
    for c in tree["covenants"]:
        if c["id"] == "COV-06":
            c["to"] = "zorg-z"
            c["controller"] = "zorg-z"
    for r in tree["routes"]:
        if r["id"] == "R-SIG-300":
            r["rungs"] = [["zorg-z"]]
        if r["id"] == "R-SIG-501":
            r["inform"] = ["welzijn-w"]


@story("48-taken-over-by-two-others")
def two_others(where, build, tell, random):
    """A partner stops: two others take its places, R takes what it held"""
    cast = ["lwdb-noord", "welzijn-w", "zorg-z", "mantelzorg-m",
            "thuiszorg-t", "gemeente-r"]
    net = network(where, build, cast)
    try:
        hand = {p: driver(net, p) for p in cast}
        lwdb, wel = hand["lwdb-noord"], hand["welzijn-w"]
        held = submit(lwdb)
        take(wel, held)
        offered = submit(lwdb)
        asked = submit(wel, code="DST-101")
        signal_of = submit(wel, code="SIG-203")
        take(hand["thuiszorg-t"], signal_of)
        wait_for("het aanbod", lambda: may(wel, offered) != [""], 20)
        wel.stop()

        net.change_policy(taken_over)
        view_is(lwdb, offered, holder="lwdb-noord", state="OFFERED")
        wait_for("het aanbod is over", lambda: (hand["zorg-z"].show(offered)
                 or {}).get("offer_state") in ("OPEN", "SEEN"), 20)
        tell(True, "the open offer is the successor's, under the covenants "
             "of who stopped")
        view_is(hand["mantelzorg-m"], asked, originator="mantelzorg-m",
                holder="mantelzorg-m")
        view_is(hand["zorg-z"], signal_of, originator="zorg-z",
                holder="thuiszorg-t")
        view_is(hand["thuiszorg-t"], signal_of, originator="zorg-z")
        tell(True, "what it had asked for has two others as originator, by "
             "code, and all concerned know")

        told = submit(lwdb, code="SIG-501", first=["welzijn-w"])
        view_is(hand["zorg-z"], told, offer_state="OPEN")
        told = submit(lwdb, code="SIG-501")
        wait_for("de kopie", lambda: hand["zorg-z"].show(told), 20)
        _, out, _ = net.ctl("explain", "--from", "lwdb-noord", "--code",
                            "SIG-501", "--area", "WK085501")
        must("Ter kennisgeving aan Woonzorg Z, in plaats van Welzijn W" in
             out, out)
        tell(True, "asked first, and for information: its successor instead, "
             "and explain says so")

        wait_for("inhoud", lambda: "error" not in hand["thuiszorg-t"].call(
            "open", referral=signal_of, part=2, seq=0, actor="DEMO-01"), 20,
            0.2)
        hand["thuiszorg-t"].finish(hand["thuiszorg-t"].begin(
            "START", referral=signal_of))
        wait_for("persoonsdeel bij de nieuwe bron", lambda: PERSON["name"] in
                 (hand["zorg-z"].open_part(signal_of, "person") or ""), 20,
                 0.2)
        tell(True, "the new originator can open whom it is about")

        reg = hand["gemeente-r"]
        view_is(reg, held, holder="welzijn-w", overdue=True)
        must(any("de houder is gestopt" in n["text"] for n in reg.news
                 if n["referral"] == held), list(reg.news))
        wait_for("overnemen", lambda: "TAKE_OVER" in may(reg, held), 20)
        out = reg.finish(reg.begin("TAKE_OVER", referral=held,
                                   reason="RED-08"))
        must(out["status"] == "done", out)
        out = reg.finish(reg.begin("HAND_OVER", referral=held, to="zorg-z",
                                   reason="RED-03"))
        must(out["status"] == "done", out)
        take(hand["zorg-z"], held)
        view_is(lwdb, held, holder="zorg-z")
        wait_for("persoonsdeel bij de nieuwe houder", lambda: PERSON["name"]
                 in (hand["zorg-z"].open_part(held, "person") or ""), 20, 0.2)
        tell(True, "what it held was R's to take over and hand on, with the "
             "person part")

        facts = [r["facts"]["policy"] for r in exported(net)
                 if r.get("facts", {}).get("policy")][-1]
        rows = {s["successor"]: s for s in facts["successions"]}
        must(set(rows) == {"mantelzorg-m", "zorg-z"}, facts)
        must("COV-02" in rows["zorg-z"]["covenants"] and
             "R-SIG-100" in rows["zorg-z"]["routes"], facts)
        tell(True, "the POLICY record lists covenants and routes that pass")
        for one in cast:
            if one != "welzijn-w":
                hand[one].stop()
        audited(net, tell)
    finally:
        net.stop()


# --- a new policy -----------------------------------------------------------------

def shorter_terms(tree):
    """From now on an offer is open for four working hours."""
    tree.setdefault("terms", []).append(
        {"term": "OFFER", "normal": "4 wh"})


def metric(net, name):
    for line in net.ctl("metrics")[1].splitlines():
        if line.startswith(f"keten_{name} "):
            return int(line.split()[1])
    raise AssertionError(name)


def edited(net, name, change, index):
    """Another policy beside the one in force, signed; the two paths."""
    import yaml
    with open(net.path("policy", "policy.yaml"), encoding="utf-8") as f:
        tree = yaml.safe_load(f)
    change(tree)
    tree["index"] = index
    source = net.path("policy", name + ".yaml")
    with open(source, "w", encoding="utf-8") as f:
        yaml.safe_dump(tree, f, allow_unicode=True, sort_keys=False)
    signed = net.path("policy", name + ".signed")
    net.run("ketenctl", "policy", "sign", source, "--key",
            net.path("secret", "introducer.key"), "--out", signed)
    return source, signed


def offer_ends(hand, referral):
    return (hand.show(referral) or {}).get("offer_until_ms")


@story("49-a-new-policy-while-running")
def new_policy(where, build, tell, random):
    """A new policy applies from then on; a bad one changes nothing"""
    from lang import local_ms
    cast = ["lwdb-noord", "welzijn-w", "gemeente-r"]
    net = network(where, build, cast,
                  clock_ms=local_ms(2026, 11, 23, 9, 0))
    try:
        lwdb, wel, reg = (driver(net, p) for p in cast)
        before = submit(lwdb)
        two_days = local_ms(2026, 11, 25, 9, 0)
        wait_for("aanbod", lambda: offer_ends(wel, before) == two_days, 20)

        # What would change, in words, against the broker that runs.
        source, signed = edited(net, "next", lambda t: (
            shorter_terms(t), taken_over(t)), 2)
        status, out, err = net.ctl("policy", "diff", signed, check=False)
        must(status == 0, f"{status} {err}")
        for line in (r"\+ termijn OFFER",
                     r"~ partner welzijn-w: doet mee tot was geen einde, "
                     r"wordt .*2026",
                     r"> welzijn-w doet vanaf .* mantelzorg-m neemt .* DST",
                     r"~ convenant COV-06: naar was welzijn-w, wordt zorg-z",
                     r"! 1 open verwijzing gaat over op een opvolger",
                     rf"{before}  SIG-101 .* welzijn-w -> zorg-z",
                     r"1 open verwijzing bekeken"):
            must(re.search(line, out), f"{line}\n{out}")
        again, _, _ = net.ctl("policy", "diff", source, check=False)
        must(again == 0 and not os.path.exists(
            net.path("policy", "policy.signed.diff")), "diff liet iets staan")
        rows = [json.loads(line) for line in net.ctl(
            "policy", "diff", signed, "--json")[1].splitlines()]
        must(any(r.get("what") == "succession" and r["referral"] == before
                 for r in rows), rows)
        must(net.ask(cmd="policy")["index"] == 1, "diff laadde het beleid")
        tell(True, "policy diff says in words what would change, also of "
             "what is open, and changes nothing")

        def no_route(t):
            t["routes"] = [r for r in t["routes"] if r["id"] != "R-SIG-100"]
        out = net.ctl("policy", "diff", edited(net, "noroute", no_route, 2)[0],
                      check=False)[1]
        must(re.search(r"- route R-SIG-100", out) and re.search(
            rf"! 1 open .* route verliezen\n +{before}", out), out)
        tell(True, "and which open referrals would lose their route")

        # The real one: offers that are open keep their terms.
        net.change_policy(shorter_terms)
        wait_for("beleid 2", lambda: net.ask(cmd="policy")["index"] == 2, 20)
        after = submit(lwdb)
        wait_for("het nieuwe aanbod", lambda: offer_ends(wel, after) ==
                 local_ms(2026, 11, 23, 13, 0), 20)
        must(offer_ends(wel, before) == two_days, "het oude aanbod")
        net.set_clock(local_ms(2026, 11, 23, 13, 0))
        view_is(reg, after, state="ESCALATED")
        view_is(wel, before, offer_state="OPEN")
        net.set_clock(two_days)
        view_is(reg, before, state="ESCALATED")
        tell(True, "open offers keep the terms they were made under, on the "
             "minute; new ones have the new terms")

        # What is wrong stays out, is counted, and is said.
        was = read_bytes(net.path("policy", "policy.signed"))
        failures = metric(net, "reload_failures_total")
        _, back = edited(net, "back", lambda t: None, 1)
        status, _, err = net.ctl("policy", "load", back, check=False)
        must(status == 1 and "volgnummer" in err, f"{status} {err}")
        broken = net.path("policy", "broken.signed")
        with open(broken, "wb") as f:
            f.write(was[:-20] + bytes(20))
        status, _, err = net.ctl("policy", "load", broken, check=False)
        must(status == 1 and "ondertekend" in err, f"{status} {err}")
        must(metric(net, "reload_failures_total") == failures + 2, "teller")
        must(net.ask(cmd="policy")["index"] == 2, "het oude beleid geldt")
        must(read_bytes(net.path("policy", "policy.signed")) == was,
             "het afgekeurde beleid bleef staan")
        log = read(net.path("log", "ketend.log"))
        must(log.count("RELOAD_FAILED") == 2 or "RELOAD_FAILED" in log, log)
        tell(True, "an older index and a bad signature are refused, counted "
             "and said; the old policy stays, on the disk too")
        net.stop_broker()
        net.start_broker()
        must(net.ask(cmd="policy")["index"] == 2, "na herstart")
        for hand in (lwdb, wel, reg):
            hand.stop()
        audited(net, tell)
    finally:
        net.stop()


def read_bytes(path):
    with open(path, "rb") as f:
        return f.read()


# --- many ---------------------------------------------------------------------------

CROWD = 500


def left_by_welzijn(tree):
    taken_over(tree)
    for p in tree["partners"]:
        if p["id"] == "welzijn-w":
            p["successors"] = [{"partner": "zorg-z"}]


@story("50-many-successions-and-a-kill")
def many_successions(where, build, tell, random):
    """Hundreds of open referrals pass on while the broker is killed"""
    cast = ["lwdb-noord", "welzijn-w", "zorg-z", "gemeente-r"]
    net = network(where, build, cast)
    try:
        lwdb = driver(net, "lwdb-noord")
        orders = [lwdb.begin("SUBMIT", code="SIG-101", area="WK085501",
                             urgency="NORMAL", basis="G-TOE",
                             discussed="AGREES", person=PERSON,
                             note="Gordijnen dicht.") for _ in range(CROWD)]
        ids = [lwdb.finish(o, 60)["referral"] for o in orders]
        must(len(set(ids)) == CROWD, "niet alles is ingediend")

        net.change_policy(left_by_welzijn)
        wait_for("de eerste", lambda: metric(net, "successions_total") > 0,
                 20, 0.001)
        net.kill_broker()
        net.start_broker()
        care = driver(net, "zorg-z")
        wait_for("alle aanbiedingen", lambda: sum(
            r["offer_state"] in ("OPEN", "SEEN") for r in care.list())
            == CROWD, 60, 0.2)
        passed = {}
        for row in exported(net):
            change = row.get("facts", {}).get("change") or {}
            if [s for s in change.get("steps", ())
                    if s["event"] == "SUCCEED"]:
                passed[change["referral"]] = \
                    passed.get(change["referral"], 0) + 1
        must(len(passed) == CROWD and set(passed.values()) == {1},
             f"{len(passed)} van {CROWD}: {set(passed.values())}")
        tell(True, f"{CROWD} open referrals passed on, each in one record, "
             "over a kill")
        for hand in (lwdb, care):
            hand.stop()
        audited(net, tell)
    finally:
        net.stop()


@story("51-a-partner-ends-at-midnight")
def ends_at_midnight(where, build, tell, random):
    """An end that is announced comes when it comes, and shuts the door"""
    from lang import local_ms
    cast = ["lwdb-noord", "welzijn-w", "zorg-z", "gemeente-r"]
    net = network(where, build, cast,
                  clock_ms=local_ms(2026, 11, 30, 16, 0))
    try:
        lwdb, wel, care, reg = (driver(net, p) for p in cast)
        referral = submit(lwdb)
        wait_for("aanbod", lambda: "ACCEPT" in may(wel, referral), 20)

        def announced(tree):
            left_by_welzijn(tree)
            for p in tree["partners"]:
                if p["id"] == "welzijn-w":
                    p["ended"] = "2026-12-01"
        net.change_policy(announced)
        wait_for("beleid 2", lambda: net.ask(cmd="policy")["index"] == 2, 20)
        net.set_clock(local_ms(2026, 11, 30, 23, 59))
        out = wel.finish(wel.begin("REVIEW", referral=referral))
        must(out["status"] == "done", out)
        must(metric(net, "successions_total") == 0, "te vroeg")
        must(not care.show(referral), "zorg-z wist het te vroeg")

        net.set_clock(local_ms(2026, 12, 1, 0, 0))
        wait_for("op tijd", lambda: metric(net, "successions_total") == 1, 20)
        wait_for("aanbod", lambda: "ACCEPT" in may(care, referral), 20)
        tell(True, "until the last minute it takes part; at midnight its "
             "offer is the successor's")
        wait_for("de deur is dicht", lambda: not wel.connected, 20)
        tell(True, "and it is not let in any more")
        wel.stop()
        take(care, referral)
        view_is(lwdb, referral, holder="zorg-z", state="ACCEPTED")
        for hand in (lwdb, care, reg):
            hand.stop()
        audited(net, tell)
    finally:
        net.stop()
