"""Stories about size: a large policy, a long referral.

As in more.py each is a function (where, build, tell, random).
"""

import os
import shutil
import sys

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from more import PERSON, audited, driver, must, network, story, submit
from network import TOP, wait_for

CAST = ["lwdb-noord", "welzijn-w", "gemeente-r"]
PARTNERS = 400
ROUTES = 6000


def grow(tree):
    """Many partners more, and a route for each thing each of them may ask."""
    for n in range(PARTNERS):
        public = ed25519.Ed25519PrivateKey.generate().public_key()
        tree["partners"].append({
            "id": f"buurt-{n}", "name": f"Buurtvereniging {n}",
            "kind": "welzijn", "roles": ["submit", "candidate"],
            "identity_key": public.public_bytes(
                serialization.Encoding.Raw,
                serialization.PublicFormat.Raw).hex()})
    codes = [c for r in tree["routes"] for c in r["codes"]
             if c.startswith("DST-")]
    for n in range(ROUTES):
        tree["routes"].append({
            "id": f"R-groot-{n}", "codes": [codes[n // PARTNERS]],
            "from": [f"buurt-{n % PARTNERS}"],
            "rungs": [["lwdb-noord"]]})


@story("26-large-policy")
def large_policy(where, build, tell, random):
    """A policy of several hundred KiB goes to everybody, in C and in Python"""
    net = network(where, build, CAST, patch=grow)
    try:
        size = os.path.getsize(net.path("policy", "policy.signed"))
        must(size > 300 * 1024, f"maar {size} bytes beleid")
        lwdb = driver(net, "lwdb-noord")
        welzijn = driver(net, "welzijn-w")
        first = submit(lwdb)
        wait_for("het aanbod", lambda: welzijn.show(first))
        out = welzijn.finish(welzijn.begin("ACCEPT", referral=first))
        must(out["status"] == "done", f"ACCEPT: {out}")
        wait_for("wie het is", lambda: PERSON["name"] in (
            welzijn.open_part(first, "person") or ""))
        tell(True, f"a referral goes its way under a policy of {size >> 10} "
             f"KiB with {ROUTES} routes and {PARTNERS} partners")

        net.change_policy(lambda tree: tree["routes"].pop())
        wait_for("beleid 2", lambda: net.ask(cmd="status")["policy"] == 2)
        submit(lwdb)
        tell(True, "and under the next one, which comes while it runs")

        in_python(net, tell)
        welzijn.stop()
        lwdb.stop()
        audited(net, tell)
    finally:
        net.stop()


def in_python(net, tell):
    """A client that was written from PROTOCOL.md alone."""
    sys.path.insert(0, os.path.join(TOP, "tests", "interop"))
    import link
    from keten_client import Client
    from protos import Protos
    p = Protos()
    settings = link.Settings(
        origin=net.origin, partner="thuiszorg-t", device="py",
        endpoint=f"tcp://127.0.0.1:{net.port}",
        broker_key=bytes.fromhex(net.keys["curve"]),
        introducer=bytes.fromhex(net.keys["introducer"]),
        log_vkey=net.keys["vkey"])
    with open(net.path("secret", "thuiszorg-t.key"), encoding="ascii") as f:
        identity = ed25519.Ed25519PrivateKey.from_private_bytes(
            bytes.fromhex(f.read().split()[2]))
    made = []
    for n, raw in enumerate(link.certificates(p, settings, identity)):
        made.append(net.path("certificates", f"thuiszorg-t.py.{n}.cert"))
        with open(made[-1], "wb") as f:
            f.write(raw)
    net.ctl("enrol", *made)
    client = Client(p, settings)
    client.connect()
    must(len(client.policy.doc.routes) > ROUTES, "niet het hele beleid")
    _, number = client.submit(
        "Gordijnen al een week dicht.", {"name": "Petronella Testmans"}, None,
        code="SIG-101", area="WK085501", area_year=2025, basis="G-TOE",
        urgency=p.NORMAL, discussed=p.AGREES)
    client.outcome(number, [])
    client.close()
    tell(True, "a client in Python gets it in pieces and refers under it")


TEXTS = 620


def done(hand, step, **more):
    out = hand.finish(hand.begin(step, **more))
    must(out["status"] == "done", f"{step}: {out}")


def reads(hand, referral, at):
    """Every text, the newest last."""
    for n in reversed(range(len(at))):
        wait_for(f"bericht {n}", lambda n=n: f"Bericht {n}." in (
            hand.open_part(referral, "text", record=at[n]) or ""), 90)


@story("27-long-story")
def long_story(where, build, tell, random):
    """A referral with hundreds of texts: a new holder and a new device read
    all of them"""
    net = network(where, build, CAST + ["thuiszorg-t"])
    try:
        lwdb = driver(net, "lwdb-noord")
        first = submit(lwdb)
        at = []
        for n in range(TEXTS):
            out = lwdb.finish(lwdb.begin("SUPPLEMENT", referral=first,
                                         text=f"Bericht {n}."))
            must(out["status"] == "done", f"SUPPLEMENT {n}: {out}")
            at.append(out["index"])
        welzijn = driver(net, "welzijn-w")
        care = driver(net, "thuiszorg-t")
        wait_for("het aanbod", lambda: welzijn.show(first))
        done(welzijn, "ACCEPT", referral=first)
        done(welzijn, "HAND_OVER", referral=first, to="thuiszorg-t",
             reason="RED-04", note="Voor T.")
        wait_for("de overdracht", lambda: care.show(first))
        done(care, "ACCEPT", referral=first)
        reads(care, first, at)
        tell(True, f"a new holder opens each of {TEXTS} texts that were "
             "written before its time")

        care.stop()
        shutil.rmtree(net.path("partners", "thuiszorg-t", "spool"))
        care.start()
        reads(care, first, at)
        must(PERSON["name"] in (care.open_part(first, "person") or ""),
             "wie het is, is er niet meer")
        must(not care.troubles, f"{care.troubles}")
        care.stop()
        _, out, _ = net.keten("thuiszorg-t", "show", first)
        must(f"regel {at[0]}-{at[-1]}" in out, out[-300:])
        _, out, _ = net.keten("thuiszorg-t", "open", first, "--part", "text",
                              "--record", str(at[400]))
        must("Bericht 400." in out, out)
        tell(True, "so does its device after it lost its storage")
        welzijn.stop()
        lwdb.stop()
        audited(net, tell)
    finally:
        net.stop()
