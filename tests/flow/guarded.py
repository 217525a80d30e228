"""Protected codes: who may see what, and that nothing else shows it.

And what the operator can ask the policy itself, with the real programs.
"""

import os

from hands import Driver
from more import audited, must, network, read, story
import search

# An area that the policy does not name, so that it is found nowhere else.
EXACT = "SIG-303"
AREA = "BU08550577"
STORY = "Blauwe plek op de onderarm, en niemand mag erover praten"
NAME = "Apollonia Zilverschoon-Ganzerik"


def shown(net, referral, records):
    """{what was asked: what was shown} of everything that shows anything."""
    asks = {
        "ctl status": ["ketenctl", "status"],
        "ctl queue": ["ketenctl", "queue"],
        "ctl show": ["ketenctl", "show", referral],
        "ctl show --json": ["ketenctl", "show", referral, "--json"],
        "ctl explain": ["ketenctl", "explain", referral],
        "ctl metrics": ["ketenctl", "metrics"],
        "ctl report open": ["ketenctl", "report", "open"],
        "ctl report open --json": ["ketenctl", "report", "open", "--json"],
    }
    out = {}
    for name, words in asks.items():
        out[name] = "".join(net.ctl(*words[1:], check=False)[1:])
    for verb, words in {
            "trace": [referral], "access": [referral],
            "case": [referral, "--out", net.path("zaak")],
            }.items():
        out[f"audit {verb}"] = "".join(net.audit(verb, *words)[1:])
    for record in records:
        out[f"audit show {record}"] = "".join(
            net.audit("show", "--json", str(record))[1:])
    for form in ("csv", "fhir"):
        out[f"export {form}"] = "".join(
            net.audit("export", "--format", form)[1:])
    for name in os.listdir(net.path("log")):
        out[f"log {name}"] = read(net.path("log", name))
    return out


@story("37-protected-codes")
def protected(where, build, tell, random):
    """Of a protected code only the group and the municipality are seen"""
    cast = ["lwdb-noord", "welzijn-w", "gemeente-r", "zorg-z"]
    net = network(where, build, cast)
    try:
        hands = {}
        for partner in cast[:3]:
            hands[partner] = Driver(net, partner)
            hands[partner].start()
        lwdb, wel = hands["lwdb-noord"], hands["welzijn-w"]
        before = net.ask(cmd="status")["size"]
        out = lwdb.finish(lwdb.begin(
            "SUBMIT", code=EXACT, area=AREA, urgency="HIGH", basis="G-VIT",
            discussed="NOT_SAFE", person={"name": NAME}, note=STORY))
        must(out["status"] == "done", f"SUBMIT: {out}")
        referral = out["referral"]
        wel.sync()
        # It opened the note; the broker's own view of it comes below.
        must(wel.show(referral)["code"] == EXACT, wel.show(referral))
        note = wel.open_part(referral, "note")
        must(EXACT in note and AREA in note and STORY in note, note)
        tell(True, "the one addressee reads code, area and story in the note")

        status, text, err = net.ctl("show", referral, "--json")
        must("SIG-300" in text and "GM0855" in text, text)
        must("zorg-z" not in text and text.count("welzijn-w") > 0, text)
        out = hands["gemeente-r"].finish(hands["gemeente-r"].begin(
            "OFFER_MORE", referral=referral, to="zorg-z"))
        must(out["status"] == "refused", f"OFFER_MORE: {out}")
        out = wel.finish(wel.begin("ACCEPT", referral=referral))
        must(out["status"] == "done", f"ACCEPT: {out}")
        tell(True, "the header has the group and the municipality; one "
                   "addressee, and no list beside it")

        after = net.ask(cmd="status")["size"]
        seen = shown(net, referral, range(before, after))
        for name in ("ctl show", "ctl explain", "ctl report open",
                     "audit trace", f"audit show {before}"):
            must("SIG-300" in seen[name], f"{name} shows nothing: "
                 f"{seen[name]}")
        must("G-VIT" in seen["audit access"], seen["audit access"])
        must("SUBMIT" in seen["export csv"], seen["export csv"])
        for name, text in seen.items():
            must(text != "", f"{name} shows nothing")
            for marker in (EXACT, AREA, STORY, NAME, AREA[2:]):
                must(marker not in text, f"{name} shows {marker}: {text}")
        tell(True, "no command, export, log or report shows code, area or "
                   "story")
        net.stop_broker()
        for marker in (AREA, STORY, NAME):
            hits, looked = search.search(marker, net.path("broker"),
                                         net.path("log"))
            must(not hits and looked > 3, f"{marker}: {hits} in {looked}")
        must(search.search("GM0855", net.path("broker"))[0],
             "the search finds nothing at all")
        tell(True, "nor any file of the broker, however it is written")
        net.start_broker()
        for hand in hands.values():
            hand.stop()
        audited(net, tell)
    finally:
        net.stop()


@story("38-what-the-policy-says")
def explained(where, build, tell, random):
    """explain names who is asked until when, and who not; check says why"""
    net = network(where, build, ["lwdb-noord", "thuiszorg-t"])
    try:
        words = ["explain", "--from", "thuiszorg-t", "--code", "DST-101",
                 "--area", "WK085501", "--urgency", "NORMAL",
                 "--at", "2026-04-24 16:30"]
        status, text, err = net.ctl(*words)
        must("1. Sport 1: LWDB Noord (lwdb-noord, convenant COV-07" in text,
             text)
        must("van nu af tot wo 29-04-2026 16:30" in text, text)
        must("Daarna: Gemeente Voorbeeldstad (gemeente-r)" in text, text)
        must("- Welzijn W (welzijn-w): staat niet op de ladder" in text, text)
        tell(True, "explain: two working days over a weekend and King's Day")
        status, own, err = net.keten(
            "thuiszorg-t", "explain", "--code", "DST-101", "--area",
            "WK085501", "--basis", "G-TOE", "--discussed", "agrees")
        must("1. Sport 1: LWDB Noord (lwdb-noord, convenant COV-07" in own and
             "- Welzijn W (welzijn-w): staat niet op de ladder" in own, own)
        tell(True, "a partner that asks reads the same")

        signed = net.path("policy", "policy.signed")
        status, out, err = net.run("ketenctl", "policy", "check", signed,
                                   "--key", net.path("policy",
                                                     "introducer.pub"))
        must("in orde" in out and "nagekeken" not in out, out + err)
        broken = bytearray(open(signed, "rb").read())
        broken[len(broken) // 2] ^= 1
        with open(net.path("anders.signed"), "wb") as f:
            f.write(broken)
        status, out, err = net.run(
            "ketenctl", "policy", "check", net.path("anders.signed"), "--key",
            net.path("policy", "introducer.pub"), check=False)
        must(status in (1, 4) and "anders.signed" in err, f"{status} {err}")
        other = net.path("ander")
        net.run("ketenctl", "keygen", "introducer", "--dir", other)
        status, out, err = net.run(
            "ketenctl", "policy", "check", signed, "--key",
            os.path.join(other, "introducer.pub"), check=False)
        must(status == 1 and "handtekening" in err and "sign" in err, err)
        tell(True, "policy check: another signature is said, with what to do")
        source = net.path("policy", "policy.yaml")
        status, out, err = net.run("ketenctl", "policy", "check", source,
                                   signed, check=False)
        line = 1 + [n for n, row in enumerate(read(source).splitlines())
                    if row.startswith("index:")][0]
        must(status == 1 and f"policy.yaml:{line}: het volgnummer" in err,
             err)
        tell(True, "policy check: an index that does not rise, with its line")
    finally:
        net.stop()
