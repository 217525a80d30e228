#!/usr/bin/python3
"""Every "no" of the closed table, provoked from outside.

For each error of schemas/tbl/errors.h a raw client does what earns it.  The
answer has to carry the code, the Dutch sentence and what to do; a number is
used up exactly when the table says so; and the connection survives.

    tests/flow/errors.py [--build DIR] [--keep] [NAME ...]
"""

import argparse
import os
import re
import secrets
import shutil
import struct
import sys
import tempfile
import time
import traceback

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.join(TOP, "config", "demo")]

import raw                                              # noqa: E402
from hands import Driver, LocalRefusal                  # noqa: E402
from lang import local_ms                               # noqa: E402
from network import Network, Trouble, wait_for          # noqa: E402

CAST = ["lwdb-noord", "welzijn-w", "thuiszorg-t", "gemeente-r"]
ROW = re.compile(r'^WIRE\((\w+),\s*(\d+),\s*(YES|NO),\s*"([^"]*)",\s*'
                 r'"([^"]*)"\)', re.M | re.S)
CASES = {}


def table():
    """{name: (number, consumes, sentence, what to do)} of the C table."""
    with open(os.path.join(TOP, "schemas/tbl/errors.h"),
              encoding="utf-8") as f:
        return {name: (int(n), consumes == "YES", text, todo)
                for name, n, consumes, text, todo in ROW.findall(f.read())}


class Wrong(Exception):
    """The answer was not the one that is due."""


def case(name):
    def keep(function):
        CASES[name] = function
        return function
    return keep


class Bench:
    """The network all cases share, with a client per partner."""

    def __init__(self, root, build):
        self.net = Network(root, build, clock_ms=local_ms(2026, 11, 23, 10, 0),
                           patch=self.patch,
                           settings={"limits": {"rate": 100000,
                                                "burst": 100000}})
        self.net.make(CAST)
        self.net.start_broker()
        self.net.enrol(CAST)
        self.clients = {}

    @staticmethod
    def patch(tree):
        """One code without a route, one basis that no covenant allows."""
        tree["routes"] = [r for r in tree["routes"]
                          if r["codes"] != ["DST-901"]]

    def client(self, partner):
        if partner not in self.clients:
            client = raw.Client.of_device(self.net, partner)
            client.hello()
            self.clients[partner] = client
        return self.clients[partner]

    def fresh(self, partner):
        """A new connection in place of the old one."""
        if partner in self.clients:
            self.clients.pop(partner).close()
        return raw.Client.of_device(self.net, partner)

    def submitted(self):
        """A signal of the LWDB that lies at welzijn: (client, referral)."""
        b = self.client("lwdb-noord")
        message = b.submit()
        receipt = b.outcome(message)
        if hasattr(receipt, "code"):
            raise Wrong(f"SUBMIT: {receipt}")
        return b, message.referral

    def taken(self):
        """The same, accepted by welzijn: (originator, holder, referral)."""
        b, referral = self.submitted()
        k = self.client("welzijn-w")
        offer = k.state(referral).offers[0].number
        receipt = k.do("ACCEPT", referral, offer=offer)
        if hasattr(receipt, "code"):
            raise Wrong(f"ACCEPT: {receipt}")
        return b, k, referral

    def close(self):
        for client in self.clients.values():
            client.close()
        self.net.stop()


# --- what the message itself can be -------------------------------------------

@case("MALFORMED")
def malformed(bench):
    c = bench.client("lwdb-noord")
    c.send(raw=[b"\xff\xff\xff dit is geen bericht"])
    return c, c.until(("refusal",))


@case("TOO_BIG")
def too_big(bench):
    c = bench.client("lwdb-noord")
    c.send(raw=[secrets.token_bytes(100 * 1024)])
    return c, c.until(("refusal",))


@case("VERSION")
def version(bench):
    c = bench.client("lwdb-noord")
    c.send(version=2, ping=c.p.Ping(n=1))
    return c, c.until(("refusal",))


@case("HELLO_FIRST")
def hello_first(bench):
    c = bench.fresh("lwdb-noord")
    bench.clients["lwdb-noord"] = c
    c.send(query=c.p.Query(id=7, checkpoint=c.p.CheckpointQuery()))
    refusal = c.until(("refusal",))
    c.hello()
    return c, refusal


@case("BAD_ORIGIN")
def bad_origin(bench):
    c = bench.client("lwdb-noord")

    def bend(st):
        st.origin = "keten.elders.nl/ander"
    return c, c.outcome(c.submit(bend=bend))


@case("KEY_NOT_VALID")
def key_not_valid(bench):
    from cryptography.hazmat.primitives.asymmetric import ed25519
    c = bench.client("lwdb-noord")
    referral = raw.new_referral()
    return c, c.do("SUBMIT", referral, header=c.header(),
                   parts=c.parts(referral),
                   signer=ed25519.Ed25519PrivateKey.generate())


@case("BAD_SIGNATURE")
def bad_signature(bench):
    c = bench.client("lwdb-noord")
    referral = raw.new_referral()

    def bend(env):
        env.signature = env.signature[:-1] + bytes([env.signature[-1] ^ 1])
    return c, c.do("SUBMIT", referral, header=c.header(),
                   parts=c.parts(referral), bend_envelope=bend)


@case("GAP")
def gap(bench):
    c = bench.client("lwdb-noord")
    refusal = c.outcome(c.submit(number=c.number + 3))
    if refusal.expected_number != c.number + 1:
        raise Wrong(f"verwacht nummer {refusal.expected_number}")
    return c, refusal


@case("NUMBER_REUSED")
def number_reused(bench):
    c, _ = bench.submitted()
    refusal = c.outcome(c.submit(number=c.number), again=True)
    if refusal.expected_number != c.number + 1:
        raise Wrong(f"verwacht nummer {refusal.expected_number}")
    return c, refusal


# --- what is asked ---------------------------------------------------------------

@case("UNKNOWN_PARTNER")
def unknown_partner(bench):
    _, k, referral = bench.taken()
    return k, k.do("HAND_OVER", referral, to="niemand-hier", basis="G-TOE",
                   reason="RED-04", seen_version=k.state(referral).version)


@case("UNKNOWN_REFERRAL")
def unknown_referral(bench):
    c = bench.client("lwdb-noord")
    return c, c.do("WITHDRAW", raw.new_referral(), seen_version=1)


@case("UNKNOWN_REFERRAL of another")
def foreign_referral(bench):
    """Absent and foreign must look alike."""
    _, referral = bench.submitted()
    t = bench.client("thuiszorg-t")
    return t, t.do("START", referral, seen_version=1)


@case("CONFLICT")
def conflict(bench):
    _, k, referral = bench.taken()
    now = k.state(referral).version
    refusal = k.do("START", referral, seen_version=now + 1)
    if refusal.current_version != now:
        raise Wrong(f"huidige versie {refusal.current_version}, niet {now}")
    return k, refusal


@case("WRONG_STATE")
def wrong_state(bench):
    b, referral = bench.submitted()
    return b, b.do("START", referral, seen_version=b.state(referral).version)


@case("NOT_ALLOWED")
def not_allowed(bench):
    b, _, referral = bench.taken()
    return b, b.do("START", referral, seen_version=b.state(referral).version)


@case("NO_COVENANT")
def no_covenant(bench):
    _, k, referral = bench.taken()
    return k, k.do("HAND_OVER", referral, to="corporatie-c", basis="G-TOE",
                   reason="RED-04", seen_version=k.state(referral).version)


@case("NO_BASIS")
def no_basis(bench):
    _, k, referral = bench.taken()
    return k, k.do("HAND_OVER", referral, to="thuiszorg-t", basis="G-OVK",
                   reason="RED-04", seen_version=k.state(referral).version)


@case("NO_ROUTE")
def no_route(bench):
    c = bench.client("lwdb-noord")
    return c, c.outcome(c.submit(code="DST-901"))


@case("NOBODY_NOW")
def nobody_now(bench):
    net = bench.net
    net.set_clock(local_ms(2026, 11, 24, 3, 0))
    wait_for("de klok is er", lambda: not net.ask(cmd="clock")["walking"]
             and net.ask(cmd="clock")["time_ms"] >= net.clock_ms)
    c = bench.client("lwdb-noord")
    refusal = c.outcome(c.submit(urgency=c.p.EMERGENT))
    if not refusal.call:
        raise Wrong("er staat geen nummer bij om te bellen")
    return c, refusal


@case("BAD_CODE")
def bad_code(bench):
    c = bench.client("lwdb-noord")
    return c, c.outcome(c.submit(code="SIG-999"))


@case("BAD_AREA")
def bad_area(bench):
    c = bench.client("lwdb-noord")
    return c, c.outcome(c.submit(area="WK036301"))


@case("DIGEST")
def digest(bench):
    c = bench.client("lwdb-noord")
    referral = raw.new_referral()
    parts = c.parts(referral)
    other = c.parts(referral)
    for at, (_, piece) in enumerate(other):
        piece.part = at
    content = c.p.Content(pieces=[piece for _, piece in other])
    return c, c.do("SUBMIT", referral, header=c.header(), parts=parts,
                   content=content.SerializeToString())


@case("CONTENT_GONE")
def content_gone(bench):
    """The person part is not there for who did not take it."""
    _, referral = bench.submitted()
    k = bench.client("welzijn-w")
    index = k.state(referral).opening_index
    return k, k.query(content=k.p.ContentQuery(referral=referral,
                                               index=index, part=1))


@case("BUSY")
def busy(bench):
    """A store that is nearly full takes no more commands."""
    root = tempfile.mkdtemp(prefix="kf-", dir=bench.net.root)
    net = Network(root, os.path.relpath(bench.net.build, TOP), settings={
        "store": {"map": "64 MiB", "ballast": "64 KiB"},
        "limits": {"rate": 100000, "burst": 100000}})
    net.make(CAST)
    try:
        net.start_broker()
        net.enrol(CAST)
        with raw.Client.of_device(net, "lwdb-noord") as c:
            c.hello()
            return None, fill(c)
    finally:
        net.stop()


def fill(c):
    """Submit the largest notes there are until the broker has enough."""
    big = b'{"text":"' + b"x" * 120000 + b'"}'
    for n in range(400):
        # It looks at its disk once a second: do not outrun that.
        if n > 150:
            time.sleep(0.04)
        referral = raw.new_referral()
        parts = [c.part(c.p.PERSON, referral, big,
                        ("lwdb-noord", "gemeente-r"))]
        out = c.outcome(c.command("SUBMIT", referral, header=c.header(),
                                  parts=parts))
        if hasattr(out, "code"):
            if not c.alive():
                raise Wrong("de verbinding is weg")
            return out
    raise Wrong("de opslag liep niet vol")


@case("TOO_FAST")
def too_fast(bench):
    root = tempfile.mkdtemp(prefix="kf-", dir=bench.net.root)
    net = Network(root, os.path.relpath(bench.net.build, TOP),
                  settings={"limits": {"rate": 1, "burst": 3}})
    net.make(CAST)
    try:
        net.start_broker()
        net.enrol(CAST)
        with raw.Client.of_device(net, "lwdb-noord") as c:
            c.hello()
            for _ in range(8):
                out = c.outcome(c.submit())
                if hasattr(out, "code"):
                    break
            if not c.alive():
                raise Wrong("de verbinding is weg")
            time.sleep(1.2)
            later = c.outcome(c.submit())
            if hasattr(later, "code"):
                raise Wrong(f"ook na wachten niet: {later}")
            return None, out
    finally:
        net.stop()


@case("INTERNAL")
def internal(bench):
    """A command that two brokers died of is refused instead of a third."""
    net = bench.net
    c = bench.fresh("lwdb-noord")
    c.hello()
    number = c.number + 1
    lane = c.lane
    c.close()
    for _ in range(2):
        net.kill_broker()
        leave_in_hand(net.path("broker", "inhand"), "lwdb-noord", lane,
                      number)
        net.start_broker()
    for partner in list(bench.clients):
        bench.clients.pop(partner).close()
    c = raw.Client.of_device(net, "lwdb-noord")
    c.lane = lane
    c.hello()
    bench.clients["lwdb-noord"] = c
    return c, c.outcome(c.submit())


def leave_in_hand(path, partner, lane, number):
    """What a broker leaves that died while it decided this command: eight
    bytes of magic, then partner, lane and number (inhand.c)."""
    with open(path, "r+b") as f:
        f.seek(8)
        f.write(partner.encode().ljust(32, b"\0") + lane
                + struct.pack("=Q", number))


# --- running them -------------------------------------------------------------------

def check(name, rows, client, answer):
    """The answer against the table."""
    number, consumes, text, todo = rows[name.split()[0]]
    if answer is None:
        raise Wrong("er kwam geen antwoord")
    if not hasattr(answer, "code"):
        raise Wrong(f"het werd aangenomen: {answer}")
    if answer.code != number:
        raise Wrong(f"code {answer.code}, niet {number}: {answer.rule} "
                    f"{answer.text}")
    if not answer.text.startswith(text[:-1]) or not answer.todo:
        raise Wrong(f"tekst: {answer.text!r} en {answer.todo!r}")
    if answer.todo != todo and todo not in answer.todo and \
            answer.todo not in todo:
        raise Wrong(f"wat nu: {answer.todo!r}")
    if not answer.query_id and consumes != answer.HasField("record"):
        raise Wrong("het nummer is " + ("niet " if consumes else "")
                    + "gebruikt")
    if client is not None and not client.alive():
        raise Wrong("de verbinding is weg")


def own_refusals(bench):
    """What the SDK refuses before it takes a number."""
    bench.fresh("lwdb-noord").close()
    driver = Driver(bench.net, "lwdb-noord")
    driver.start()
    person = {"name": "Petronella Testmans"}
    try:
        driver.finish(driver.begin(
            "SUBMIT", code="SIG-101", area="WK085501", urgency="NORMAL",
            basis="G-TOE", discussed="AGREES", note="Gordijnen dicht.",
            person=dict(person, story="x" * 700000)))
    except LocalRefusal as e:
        said = e.text
    else:
        raise Wrong("700 kB werd aangenomen")
    try:
        driver.finish(driver.begin(
            "SUBMIT", code="SIG-101", area="WK085501", urgency="NORMAL",
            basis="G-TOE", discussed="AGREES", person=person,
            note="Mevrouw Testmans is eenzaam."))
    except LocalRefusal as e:
        said += e.text
    else:
        raise Wrong("een naam in de toelichting werd aangenomen")
    driver.sync()
    if not driver.connected or driver.call("link")["waiting"]:
        raise Wrong("de verbinding of de opslag heeft er iets van")
    driver.stop()
    return said


def main():
    args = argparse.ArgumentParser()
    args.add_argument("names", nargs="*")
    args.add_argument("--build", default="build")
    args.add_argument("--keep", action="store_true")
    args = args.parse_args()
    os.chdir(TOP)
    rows = table()
    n = failed = 0
    root = tempfile.mkdtemp(prefix="keten-flow-")
    bench = Bench(os.path.join(root, "net"), args.build)

    def tell(good, text, why=""):
        nonlocal n, failed
        n += 1
        failed += not good
        print(f"{'ok' if good else 'not ok'} {n} - {text}", flush=True)
        for line in why.splitlines():
            print("# " + line)

    try:
        for name, function in CASES.items():
            if args.names and name.split()[0] not in args.names:
                continue
            try:
                check(name, rows, *function(bench))
                tell(True, f"{name} is answered in Dutch with what to do")
            except (Wrong, Trouble) as e:
                tell(False, name, str(e))
            except Exception:               # a mistake of the test itself
                tell(False, name, traceback.format_exc())
        missing = set(rows) - {name.split()[0] for name in CASES}
        if not args.names:
            tell(not missing, "every error of the table has a test",
                 ", ".join(sorted(missing)))
            try:
                own_refusals(bench)
                tell(True, "what is too long, or names the person, is "
                     "refused before a number is used")
            except Exception as e:
                tell(False, "the SDK's own refusals", str(e))
            status, out, err = bench.net.audit("verify")
            tell(status in (0, 10, 11), "the log verifies afterwards",
                 "" if status in (0, 10, 11) else out + err)
    finally:
        bench.close()
    print(f"1..{n}")
    if failed:
        print(bench.net.tails())
    if failed or args.keep:
        print(f"# alles staat in {root}")
    else:
        shutil.rmtree(root, ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
