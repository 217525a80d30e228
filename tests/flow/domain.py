"""Stories about promises to people that only show in a corner.

As in more.py each is a function (where, build, tell, random).
"""

from caseload import take, view_is
from more import PERSON, audited, driver, must, network, story, submit


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
