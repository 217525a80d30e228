#!/usr/bin/python3
"""Partners in Python, written from PROTOCOL.md, beside partners in C.

    tests/interop/run.py [--build DIR] [--keep] [NAME ...]

A broker, two parties in Python and two in C (`keten`).  They refer to each
other in both directions; then the auditor has its say.  Speaks TAP.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
import traceback

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.join(TOP, "config", "demo")]

import link                                             # noqa: E402
import sealing                                          # noqa: E402
import trust                                            # noqa: E402
import vectors                                          # noqa: E402
from cast import PERSON_PART, SIGNAL, Cast              # noqa: E402
from keten_client import NOTE, PERSON, TEXT, Client     # noqa: E402
from link import Refused                                # noqa: E402
from trust import Broken, need                          # noqa: E402

# On a machine that has nothing else to do.
TWO_SECONDS = 2.0
BUSY = 10
STORIES = []


def story(function):
    STORIES.append(function)
    return function


def is_in(client, referral, state):
    case = client.cases.get(referral)
    return case is not None and case.state == state


def wraps_by(client, to, referral):
    """What ${client} wrapped for ${to}, by its receipts."""
    facts = [client.p.Facts.FromString(m.record.facts)
             for m in client.outcomes.values() if m.HasField("record")]
    return [f.rewrap for f in facts
            if f.rewrap.to == to and f.change.referral == referral]


def refused(code, function, *args, **more):
    """The broker says no, and says why in Dutch."""
    try:
        function(*args, **more)
    except Refused as no:
        need(no.code == code, f"{no.code}, not {code}")
        need(no.refusal.text and no.refusal.todo, "a refusal without words")
        return no.refusal
    raise Broken(f"taken, and {code} was due")


# --- the stories -------------------------------------------------------------

@story
def python_refers_to_python(cast):
    """Python B, Python K: offered, taken, opened, completed, read"""
    b, k = cast.lwdb, cast.welzijn
    r = cast.submit(b)
    cast.until("an offer", lambda: is_in(k, r, "OFFERED"))
    case = k.cases[r]
    need(case.header.code == "SIG-101" and case.roles == ["CANDIDATE"],
         "the candidate sees code and area")
    need("koelkast" in k.read(r, NOTE)["text"], "the candidate reads the note")
    need(case.find(PERSON) is None, "a candidate has no person part")
    cast.do(k, "REVIEW", r)
    cast.do(k, "ACCEPT", r)
    began = time.monotonic()
    cast.until("the person part", lambda: case.find(PERSON) is not None)
    need(time.monotonic() - began < TWO_SECONDS * BUSY, "it took two seconds")
    need(k.read(r, PERSON) == PERSON_PART, "the holder opens it")
    cast.do(k, "START", r)
    cast.do(k, "REPORT", r, text="Eerste bezoek was goed.")
    cast.until("the report", lambda: b.cases[r].find(TEXT) is not None)
    need(b.read(r, TEXT)["text"] == "Eerste bezoek was goed.", "B reads it")
    cast.do(k, "COMPLETE", r, outcome="UIT-01", text="Er komt nu iemand.")
    cast.until("the outcome", lambda: is_in(b, r, "COMPLETED"))
    cast.do(b, "ACKNOWLEDGE", r)
    cast.until("the end", lambda: is_in(k, r, "CLOSED"))
    cast.shown["python"] = r


@story
def python_refers_to_c(cast):
    """Python B, C holder: keten opens what Python sealed and rewrapped"""
    b, c = cast.lwdb, "thuiszorg-t"
    cast.watch(c)
    r = cast.submit(b, code="SIG-203", note="Eet niet, koelkast leeg.")
    cast.c_until(c, r, "an offer", state="OFFERED", role="candidate")
    need("koelkast" in cast.c(c, "open", r, "--part", "note"),
         "keten reads a note sealed by Python")
    cast.c(c, "accept", r)
    cast.until("accepted", lambda: is_in(b, r, "ACCEPTED"))
    cast.c_until(c, r, "openable", opens=1 << PERSON)
    need("Petronella Testmans" in cast.c(c, "open", r, "--part", "person"),
         "keten opens a person part rewrapped by Python")
    cast.c(c, "start", r)
    cast.c(c, "complete", r, "--outcome", "UIT-01", "--text", "Maaltijden.")
    cast.until("the outcome", lambda: is_in(b, r, "COMPLETED"))
    need(b.read(r, TEXT)["text"] == "Maaltijden.",
         "Python reads what keten sealed")
    cast.do(b, "ACKNOWLEDGE", r)
    cast.c_until(c, r, "the end", state="CLOSED")


@story
def c_refers_to_python(cast):
    """C B, Python holder: Python opens what keten sealed and rewrapped"""
    h, c = cast.lwdb, "thuiszorg-t"
    person = cast.net.path("person.json")
    with open(person, "w", encoding="utf-8") as f:
        json.dump(PERSON_PART, f)
    before = set(h.cases)
    cast.c(c, "request", None, "--code", "DST-101", "--area", "WK085501",
           "--basis", "G-TOE", "--discussed", "ja", "--units", "10",
           "--frequency", "1/week", "--payer", "wmo", "--note",
           "Tien keer boodschappen.", "--person", "@" + person)
    cast.until("an offer", lambda: set(h.cases) - before)
    r = (set(h.cases) - before).pop()
    need(h.read(r, NOTE)["text"] == "Tien keer boodschappen.",
         "Python reads a note sealed by keten")
    cast.do(h, "ACCEPT", r)
    began = time.monotonic()
    cast.until("the person part",
               lambda: h.cases[r].find(PERSON) is not None)
    need(time.monotonic() - began < TWO_SECONDS * BUSY, "it took two seconds")
    need(h.read(r, PERSON) == PERSON_PART,
         "Python opens a person part rewrapped by keten")
    cast.do(h, "START", r)
    cast.do(h, "REPORT", r, units_done=10, units_total=10)
    cast.do(h, "COMPLETE", r, outcome="UIT-01", units_done=10,
            units_total=10)
    cast.c_until(c, r, "the outcome", state="COMPLETED")
    cast.c(c, "acknowledge", r)
    cast.until("the end", lambda: is_in(h, r, "CLOSED"))


@story
def a_new_holder_reads_what_the_old_one_wrote(cast):
    """Python gives up; C takes over and opens report and person part"""
    b, k, c = cast.welzijn, cast.lwdb, "v-oost"
    cast.watch(c)
    r = cast.submit(b, code="DST-101", note="Boodschappen, tien keer.",
                    units=10, frequency="1/week", payer="wmo")
    cast.until("an offer", lambda: is_in(k, r, "OFFERED"))
    cast.do(k, "ACCEPT", r)
    cast.until("the person part",
               lambda: k.cases[r].find(PERSON) is not None)
    cast.do(k, "START", r)
    cast.do(k, "REPORT", r, text="Vier keer gedaan.", units_done=4,
            units_total=10)
    cast.do(k, "GIVE_UP", r, reason="RED-02", text="Er blijven er zes over.")
    cast.until("offered again", lambda: b.cases[r].after.epoch == 2)
    cast.c_until(c, r, "an offer", state="OFFERED", role="candidate")
    cast.c(c, "accept", r)
    cast.c_until(c, r, "openable", opens=1 << PERSON)
    need("Petronella" in cast.c(c, "open", r, "--part", "person"),
         "the new holder opens the person part")
    need("zes" in cast.c(c, "open", r, "--part", "text"),
         "the new holder opens what was left to do")
    cast.c(c, "start", r)
    cast.c(c, "complete", r, "--outcome", "UIT-02")
    cast.until("the outcome", lambda: is_in(b, r, "COMPLETED"))
    cast.do(b, "ACKNOWLEDGE", r)


@story
def handed_over_by_name(cast):
    """Python hands over to C by name; holder until it is taken"""
    b, h, c = cast.lwdb, cast.welzijn, "thuiszorg-t"
    r = cast.submit(b)
    cast.until("an offer", lambda: is_in(h, r, "OFFERED"))
    cast.do(h, "ACCEPT", r)
    cast.watch("zorg-z")
    cast.do(h, "HAND_OVER", r, to="zorg-z", reason="RED-04",
            note="Alleen voor Z.")
    cast.c_until("zorg-z", r, "an offer", opens=1 << NOTE)
    need("Alleen voor Z" in cast.c("zorg-z", "open", r, "--part", "note"),
         "the one named reads its note")
    cast.c("zorg-z", "decline", r, "--reason", "AFW-06")
    cast.do(h, "HAND_OVER", r, to=c, reason="RED-04", note="Voor T.")
    need(h.cases[r].holder == "welzijn-w", "H stays holder")
    cast.c_until(c, r, "an offer", state="HANDOVER_OFFERED")
    need("Voor T." in cast.c(c, "open", r, "--part", "note"),
         "the one named reads its note")
    cast.until("a wrap of B's note", lambda: wraps_by(b, c, r))
    need([len(w.parts) for w in wraps_by(b, c, r)] == [1],
         "a note for another candidate stays with it")
    cast.c(c, "accept", r)
    cast.until("taken over", lambda: h.cases[r].holder == c)
    cast.c_until(c, r, "openable", opens=1 << PERSON)
    need("Testmans" in cast.c(c, "open", r, "--part", "person"),
         "the new holder opens the person part")
    refused("NOT_ALLOWED", cast.do, h, "REPORT", r, text="Nog iets.")


@story
def straight_to_the_regisseur(cast):
    """R in C opens nothing before its CONFIRM, and then what Python wraps"""
    b, r_ = cast.lwdb, "gemeente-r"
    cast.watch(r_)
    r = cast.submit(b, code="DST-502", note="Echtpaar, weet niet waarheen.")
    need(is_in(b, r, "ESCALATED") and b.cases[r].holder == r_,
         "it lies with R at once")
    row = cast.c_until(r_, r, "at R", state="ESCALATED")
    need(not row["openable"] & 1 << PERSON, "R signed nothing yet")
    cast.c(r_, "confirm", r)
    cast.c_until(r_, r, "openable", state="ACCEPTED", opens=1 << PERSON)
    need("Testmans" in cast.c(r_, "open", r, "--part", "person"),
         "R opens it after its CONFIRM")
    cast.c(r_, "fail", r, "--reason", "RED-01")
    cast.until("the end", lambda: is_in(b, r, "FAILED"))
    cast.do(b, "ACKNOWLEDGE", r)


@story
def a_poisoned_wrap(cast):
    """B wraps junk: the holder in C says so, and the custodian makes it good"""
    b, c = cast.lwdb, "thuiszorg-t"
    asked = []

    def junk(ask, key, because, took):
        """The right parts, and a wrap that opens nothing."""
        asked.append(ask.to)
        rows = [b.p.Piece(index=x.index, part=x.part, wraps=[b.p.Wrap(
            key_id=key.id, epk_x=b.s.seal.x, epk_y=b.s.seal.y,
            encrypted_key=bytes(40))]) for x in ask.parts]
        b.say("rewrap", ask.referral, rows, rewrap=b.p.Rewrap(
            to=ask.to, key_id=key.id, because=because, parts=ask.parts))
    b.wrap = junk
    try:
        r = cast.submit(b, code="SIG-203", note="Eet niet, koelkast leeg.")
        cast.c_until(c, r, "an offer", state="OFFERED", role="candidate")
        cast.c(c, "accept", r)
        cast.c_until(c, r, "openable", opens=1 << PERSON)
    finally:
        del b.wrap
    need(asked == [c], f"B was asked once: {asked}")
    need("Petronella Testmans" in cast.c(c, "open", r, "--part", "person"),
         "keten opens it with the custodian's wrap")
    refused("NOT_ALLOWED", wrap_again, cast, b, c, r)
    cast.c(c, "start", r)
    cast.c(c, "complete", r, "--outcome", "UIT-01")
    cast.until("the outcome", lambda: is_in(b, r, "COMPLETED"))
    cast.do(b, "ACKNOWLEDGE", r)


def wrap_again(cast, b, to, referral):
    """Who poisoned one gets no second try, asked or not."""
    case = b.cases[referral]
    at = case.find(PERSON)
    part, _ = case.announced[at]
    key = b.key_of(to)
    number = b.say("rewrap", referral, [b.p.Piece(
        index=at[0], part=at[1], kind=PERSON,
        wraps=[case.rewrap(at, b.s.origin, b.s.seal, key)])],
        rewrap=b.p.Rewrap(to=to, key_id=key.id, because=at[0], parts=[
            b.p.RewrapPart(index=at[0], part=at[1], sha256=part.sha256,
                           plain_commit=part.plain_commit)]))
    b.outcome(number, cast.others(b))


@story
def a_part_of_something_larger(cast):
    """A child: its parent cannot be completed before it is"""
    b, h = cast.lwdb, cast.welzijn
    r = cast.submit(b)
    cast.until("an offer", lambda: is_in(h, r, "OFFERED"))
    cast.do(h, "ACCEPT", r)
    child = cast.submit(h, code="DST-101", note="Boodschappen.", parent=r)
    cast.until("an offer", lambda: is_in(b, child, "OFFERED"))
    refused("NOT_ALLOWED", cast.do, h, "COMPLETE", r, outcome="UIT-03",
            child=child)
    cast.do(b, "ACCEPT", child)
    cast.until("the person part",
               lambda: b.cases[child].find(PERSON) is not None)
    cast.do(b, "COMPLETE", child, outcome="UIT-01")
    cast.until("the child's end", lambda: is_in(h, child, "COMPLETED"))
    cast.do(h, "COMPLETE", r, outcome="UIT-03", child=child)
    cast.until("the end", lambda: is_in(b, r, "COMPLETED"))
    refused("CONFLICT", cast.do, b, "ACKNOWLEDGE", r, seen_version=1)
    cast.do(b, "ACKNOWLEDGE", r)
    cast.do(b, "REOPEN", r)
    need(b.cases[r].after.epoch == 2, "a new epoch")


@story
def numbers_that_repeat_and_skip(cast):
    """Repeats get the same outcome; a gap is refused and sent again"""
    b = cast.lwdb
    r = cast.submit(b, code="SIG-203", note="Eet niet.")
    number = b.next - 1
    first = b.outcomes.pop(number)
    n1, raw1 = b.statement(r, command=b.p.Command(
        event=b.p.REQUEST_WITHDRAWAL, seen_version=b.cases[r].version))
    n2, raw2 = b.statement(r, command=b.p.Command(
        event=b.p.WITHDRAW, seen_version=b.cases[r].version))
    e1, e2 = (trust.sign(b.p, b.s.sign, "command", x) for x in (raw1, raw2))
    b.post(n2, e2)                      # the first one is missing
    b.wait(lambda: n2 in b.outcomes, "a refusal")
    gap = b.outcomes.pop(n2)
    need(gap.code == b.p.GAP and gap.expected_number == n1
         and not gap.HasField("record"), "GAP names the number that is free")
    b.post(n1, e1)
    b.post(n2, e2)
    no = refused("WRONG_STATE", b.outcome, n1)
    need(no.HasField("record") and no.rule.startswith("rij 29"),
         "B holds it: nobody to ask back from")
    b.outcome(n2)
    once = b.outcomes.pop(n2)
    b.post(n2, e2)
    b.outcome(n2)
    again = b.outcomes[n2]
    need(again.repeat and again.record == once.record,
         "the same number gets the same outcome")
    need(first.record.index < once.record.index, "records rise")
    st = b.p.Statement.FromString(raw2)
    st.made_ms += 1
    b.post(n2, trust.sign(b.p, b.s.sign, "command", st.SerializeToString()))
    b.outcomes.pop(n2)
    b.wait(lambda: n2 in b.outcomes, "a refusal")
    need(b.outcomes[n2].code == b.p.NUMBER_REUSED, "other bytes are refused")
    del b.out[n2]


@story
def one_signature_for_many(cast):
    """A batch: three statements under one signature, each with its path"""
    b, p = cast.welzijn, cast.p
    made = []
    for service in ("DST-401", "DST-403", "DST-501"):
        made.append(b.statement(b"", catalogue=p.CatalogueEntry(
            service=service, status="active", capacity=p.HAS,
            capacity_ms=link.now_ms(), areas=["GM0855"],
            urgencies=[p.LOW, p.NORMAL], checked_ms=link.now_ms())))
    envelopes = trust.sign_batch(p, b.s.sign,
                                 [("catalogue", raw) for _, raw in made])
    for (number, _), envelope in zip(made, envelopes):
        b.post(number, envelope)
    for number, _ in made:
        b.outcome(number, cast.others(b))
    rows = b.ask(catalogue=p.CatalogueQuery(service="DST-403",
                                            area="WK085501")).catalogue.rows
    need([(x.partner, x.entry.capacity) for x in rows]
         == [("welzijn-w", p.HAS)], "it stands in the catalogue")


@story
def social_map(cast):
    """The social map: Python and C read and write the same entries"""
    b, p = cast.welzijn, cast.p
    entry = p.CatalogueEntry(
        service="DST-102", name="Eettafel De Brug", status="active",
        capacity=p.WAITING_LIST, capacity_ms=link.now_ms(),
        areas=["WK085504"], checked_ms=link.now_ms(), checked_by="LOKET-1")
    b.outcome(b.say("catalogue", b"", catalogue=entry), cast.others(b))
    rows = cast.net.keten_json("zorg-z", "catalogue", "--code", "DST-102",
                               "--area", "WK085504")
    need([(r["partner"], r["entry"]["name"], r["entry"]["capacity"])
          for r in rows] == [("welzijn-w", entry.name, "WAITING_LIST")],
         f"C reads it: {rows}")
    cast.net.keten("zorg-z", "catalogue", "add", "dienst=DST-602",
                   "capaciteit=ja", "kosten=12,50", "nagekeken_door=Z-3")
    rows = b.ask(catalogue=p.CatalogueQuery(service="DST-602")).catalogue.rows
    need([(r.partner, r.entry.cost_cents, r.entry.checked_by) for r in rows]
         == [("zorg-z", 1250, "Z-3")], "Python reads what C wrote")
    entry.status = "withdrawn"
    b.outcome(b.say("catalogue", b"", catalogue=entry), cast.others(b))
    answer = b.ask(catalogue=p.CatalogueQuery(service="DST-102")).catalogue
    need(not answer.rows and answer.now_ms > 0, "it is withdrawn")
    missing = p.Missing(code="DST-102", area="WK085504", area_year=2025)
    b.outcome(b.say("missing", b"", missing=missing), cast.others(b))
    missing.code = "SIG-101"
    try:
        b.outcome(b.say("missing", b"", missing=missing), cast.others(b))
        raise Broken("a signal is missing")
    except Refused as e:
        need(e.code == "BAD_CODE", f"refused: {e}")


@story
def a_connection_that_is_lost(cast):
    """A new socket: what was not answered is sent again, once"""
    b, k = cast.lwdb, cast.welzijn
    before = b.last
    r, number = b.submit("Zegt afspraken af.", PERSON_PART, **dict(
        SIGNAL, urgency=b.p.HIGH, discussed=b.p.AGREES))
    b.connect()                 # nobody waited for the receipt
    b.outcome(number, cast.others(b))
    cast.until("one offer", lambda: is_in(k, r, "OFFERED"))
    cast.do(k, "DECLINE", r, reason="AFW-01")
    cast.until("at R", lambda: is_in(b, r, "ESCALATED"))
    need(b.cases[r].holder == "gemeente-r", "the ladder ended at R")
    need(b.last > before, "deliveries went on")
    b.connect()
    need(b.welcome.last_delivery == b.last, "nothing is sent twice")
    stranger = Client(b.p, cast.settings("lwdb-noord", "vreemd"))
    stranger.patience = 1.0
    try:
        stranger.connect()
        raise Broken("a key that nobody certified came in")
    except Broken as e:
        need("not in time" in str(e), str(e))
    finally:
        stranger.close()


@story
def what_the_broker_may_not_show(cast):
    """A false leaf, offer, wrap or checkpoint is noticed"""
    b, k = cast.lwdb, cast.welzijn
    r = cast.shown["python"]
    receipt = [m for m in k.outcomes.values()
               if isinstance(m, k.p.Receipt)][0]
    for field in ("facts", "salt", "leaf"):
        bad = k.p.Record.FromString(receipt.record.SerializeToString())
        raw = bytearray(getattr(bad, field))
        raw[-1] ^= 1
        setattr(bad, field, bytes(raw))
        try:
            k.check_record(bad)
            raise AssertionError(f"a false {field} was taken")
        except Broken:
            pass
    need(trust.offer_commit(bytes(16), "welzijn-w")
         != trust.offer_commit(bytes(16), "zorg-z"), "offers name one")
    note = b.ask(checkpoint=b.p.CheckpointQuery()).proof.checkpoint
    for bad in (note.replace("\n", "\r\n"), note.replace("\n\n", "\nx\n\n"),
                note.replace(b.s.origin, "ander", 1)):
        try:
            trust.check_note(bad, b.log)
            raise AssertionError("a false checkpoint was taken")
        except Broken:
            pass
    stolen = k.cases[r].pieces[k.cases[r].find(PERSON)]
    try:
        sealing.unseal(b.p, stolen[1], stolen[2], b.s.seal, "x", b"")
        raise AssertionError("opened with another key")
    except Broken:
        pass


@story
def questions_and_proofs(cast):
    """Inclusion and consistency of every record that was shown"""
    b = cast.lwdb
    old = b.seen[0]
    last = max(m.record.index for m in b.outcomes.values()
               if m.HasField("record"))

    def is_covered():
        note = b.ask(checkpoint=b.p.CheckpointQuery()).proof.checkpoint
        return b.see(note)[0] > last
    b.wait(is_covered, "a checkpoint", others=cast.others(b))
    for m in b.outcomes.values():
        if m.HasField("record"):
            b.prove(m.record.index, m.record.leaf)
    need(b.seen[0] > old, "checkpoints grew, each consistent with the last")
    rows = b.ask(open_work=b.p.OpenWork()).referrals.referrals
    live = {x.referral for x in rows}
    mine = {r for r, c in b.cases.items() if c.after.state <= 7
            and b.s.partner in (c.after.originator, c.after.holder)}
    need(mine <= live, "open work shows what is live")
    for row in rows:
        b.check_record(row.opening)
        b.check_record(row.newest)
        state = b.p.ReferralState.FromString(row.state)
        if row.referral in b.cases and row.role != b.p.FORMER:
            need(state.version == b.cases[row.referral].version,
                 "the broker's state is the one we applied")
    r = cast.shown["python"]
    at = b.cases[r].find(TEXT)
    answer, pieces = b.ask_content(content=b.p.ContentQuery(
        referral=r, index=at[0], part=at[1]))
    need(answer.content.referral == r and pieces[0].sealed ==
         b.cases[r].pieces[at][1], "a part can be had again")


@story
def the_language_neutral_vectors(cast):
    """The vectors in tests/vectors, checked with this code"""
    need(vectors.check(cast.p) > 0, "there are vectors")


@story
def the_auditor_agrees(cast):
    """keten-audit verify and replay find nothing wrong"""
    for client in cast.parties:
        client.acknowledge()
    time.sleep(0.5)
    for verb in ("verify", "replay"):
        status, out, err = cast.net.audit(verb)
        need(status in (0, 10, 11), f"{verb}: {status}\n{out}{err}")


# --- all of it ---------------------------------------------------------------

def main():
    args = argparse.ArgumentParser()
    args.add_argument("names", nargs="*")
    args.add_argument("--build", default="build")
    args.add_argument("--keep", action="store_true")
    args = args.parse_args()
    os.chdir(TOP)
    chosen = [s for s in STORIES if not args.names
              or any(n in s.__name__ for n in args.names)]
    print(f"1..{len(chosen)}", flush=True)
    root = tempfile.mkdtemp(prefix="ki-")
    failed = 0
    cast = None
    try:
        cast = Cast(root, args.build)
        for n, tell in enumerate(chosen, 1):
            failed += play(cast, n, tell)
    finally:
        if cast is not None:
            cast.net.stop()
    if failed or args.keep:
        print(f"# everything is in {root}")
    else:
        shutil.rmtree(root, ignore_errors=True)
    return 1 if failed else 0


def play(cast, n, tell):
    name = "interop: " + tell.__doc__
    try:
        tell(cast)
    except Exception as e:                  # whatever it is, it is a failure
        print(f"not ok {n} - {name}", flush=True)
        for line in traceback.format_exc().splitlines():
            print("# " + line)
        for line in f"{e}\n{cast.net.tail('ketend', 6)}".splitlines():
            print("# " + line, flush=True)
        return 1
    print(f"ok {n} - {name}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
