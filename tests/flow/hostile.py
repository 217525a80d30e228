#!/usr/bin/python3
"""What a partner may try that has a key and means no good.

Each case is a raw client that leaves the protocol, against a real broker.
The broker must stay up, must refuse, and the others must not notice.

    tests/flow/hostile.py [--build DIR] [--keep] [NAME ...]
"""

import argparse
import os
import secrets
import shutil
import sys
import tempfile
import time
import traceback

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.join(TOP, "config", "demo")]

import yaml                                             # noqa: E402

import raw                                              # noqa: E402
from errors import Bench, Wrong                         # noqa: E402
from network import wait_for                            # noqa: E402

CASES = []


def case(function):
    """A test is a sentence: its docstring."""
    CASES.append(function)
    return function


def code_of(client, answer):
    """The name of a refusal's code; "" if it was no refusal."""
    if answer is None or not hasattr(answer, "code"):
        return ""
    return client.p.ErrorCode.Name(answer.code)


def ask(client, **which):
    """A question and its answer; there has to be one."""
    answer = client.query(patience=8.0, **which)
    if answer is None:
        raise Wrong(f"geen antwoord op {which}"[:300])
    return answer


def expect(client, answer, *names):
    if code_of(client, answer) not in names:
        raise Wrong(f"niet {' of '.join(names)} maar {answer}")


@case
def long_words(bench):
    """words of any length in a question do not stop the broker"""
    c = bench.client("lwdb-noord")
    p = c.p
    for n in (31, 120, 129, 300, 512):
        word = "X" * n
        expect(c, ask(c, catalogue=p.CatalogueQuery(service=word)),
               "", "BAD_CODE")
        ask(c, catalogue=p.CatalogueQuery(service="DST-101", area=word))
        ask(c, keys=p.KeysQuery(partner=word))
        ask(c, resolve=p.Resolve(header=p.Header(
            code=word, area=word, basis=word, frequency=word, payer=word,
            first=[word] * 40, never=[word] * 40)))
        ask(c, resolve=p.Resolve(header=c.header(
            first=["welzijn-w"] * 60, never=["thuiszorg-t"] * 60)))
        ask(c, resolve=p.Resolve(referral=raw.new_referral(), to=word))


@case
def odd_numbers(bench):
    """numbers at their ends in a question do not stop the broker"""
    c = bench.client("lwdb-noord")
    p = c.p
    _, referral = bench.submitted()
    for n in (0, 1, 2, 1 << 31, (1 << 63) - 1, (1 << 64) - 1):
        ask(c, proof=p.ProofQuery(index=n, size=n))
        ask(c, proof=p.ProofQuery(index=0, size=n))
        ask(c, consistency=p.ConsistencyQuery(**{"from": n, "to": n}))
        ask(c, consistency=p.ConsistencyQuery(**{"from": 1, "to": n}))
        ask(c, policy=p.PolicyQuery(index=n))
        for part in (0, 7, 65535, 65536, (1 << 32) - 1):
            ask(c, content=p.ContentQuery(referral=referral, index=n,
                                           part=part))
    c.send(credit=p.Credit(n=(1 << 32) - 1))
    c.send(credit=p.Credit(n=(1 << 32) - 1))


@case
def reports_without_end(bench):
    """who oversees a network cannot keep its broker making reports"""
    c = bench.client("gemeente-r")
    p = c.p
    for period in ("2026-13", "0000-00", "9999-Q4", "2026-Q0", "x" * 400):
        expect(c, ask(c, report=p.ReportQuery(
            what="figures", period=period, format="json")),
            "MALFORMED", "NOT_ALLOWED")
    for offset in (1, 1 << 31, (1 << 64) - 1):
        expect(c, ask(c, report=p.ReportQuery(
            what="figures", format="json", offset=offset,
            sha256=bytes(32))), "BUSY")
    codes = [code_of(c, ask(c, report=p.ReportQuery(
        what="figures", format="json"))) for _ in range(60)]
    if "TOO_FAST" not in codes or codes.index("TOO_FAST") < 10:
        raise Wrong(f"60 rapporten achter elkaar: {codes}")
    expect(c, ask(bench.client("lwdb-noord"), report=p.ReportQuery(
        what="figures", format="json")), "NOT_ALLOWED")


@case
def query_without_kind(bench):
    """an empty question, and one about nothing, are refused"""
    c = bench.client("lwdb-noord")
    expect(c, ask(c, ), "MALFORMED")
    expect(c, ask(c, referral=c.p.ReferralQuery()), "MALFORMED")
    expect(c, ask(c, resync=c.p.ResyncQuery(after=b"x")), "MALFORMED")
    expect(c, ask(c, resolve=c.p.Resolve()), "MALFORMED")


@case
def foreign_content(bench):
    """a part of another referral, or wrapped for another, looks absent"""
    _, referral = bench.submitted()
    k = bench.client("welzijn-w")
    opening = k.state(referral).opening_index
    _, other = bench.submitted()
    later = k.state(other).opening_index
    answers = [ask(k, content=k.p.ContentQuery(
        referral=r, index=i, part=part)) for r, i, part in (
            (referral, opening, 1), (referral, later, 0), (referral, 1, 0),
            (referral, 1 << 40, 0), (referral, opening, 9))]
    for answer in answers:
        expect(k, answer, "CONTENT_GONE")
        if answer.rule != answers[0].rule:
            raise Wrong(f"{answer.rule!r} is niet {answers[0].rule!r}")
    if not hasattr(ask(k, content=k.p.ContentQuery(
            referral=referral, index=opening, part=0)), "content"):
        raise Wrong("de eigen toelichting komt niet")
    t = bench.client("thuiszorg-t")
    expect(t, ask(t, content=t.p.ContentQuery(
        referral=referral, index=opening, part=0)), "UNKNOWN_REFERRAL")


def ack(client, mailbox, n, running, bend=None):
    """Acknowledge; the refusal, or None."""
    body = client.p.Ack(version=1, origin=client.origin,
                        partner=client.partner, device=client.device,
                        mailbox=mailbox, n=n, running_hash=running,
                        made_ms=int(time.time() * 1000))
    if bend is not None:
        bend(body)
    client.send(ack=client.p.SendAck(envelope=client.envelope(
        body, kind="ack").SerializeToString()))
    number = secrets.randbelow(1 << 60) + 1
    client.send(ping=client.p.Ping(n=number))
    answer = client.until(("refusal", "pong"),
                          lambda m: hasattr(m, "code") or m.n == number)
    if answer is None:
        raise Wrong("geen antwoord op een ack")
    return answer if hasattr(answer, "code") else None


@case
def foreign_ack(bench):
    """only the reader of a mailbox acknowledges it, and only what it got"""
    bench.submitted()
    k = bench.client("welzijn-w")
    k.alive()
    last = k.deliveries[-1]
    for mailbox in ("desk", "elders"):
        expect(k, ack(k, mailbox, last.seq, last.running_hash), "MALFORMED")

    def as_other(body):
        body.partner = "lwdb-noord"
    expect(k, ack(k, "main", last.seq, last.running_hash, as_other),
           "KEY_NOT_VALID")
    expect(k, ack(k, "main", last.seq, bytes(32)), "DIGEST")
    expect(k, ack(k, "main", last.seq + 1, last.running_hash), "MALFORMED")
    expect(k, ack(k, "main", (1 << 64) - 1, last.running_hash), "MALFORMED")
    if ack(k, "main", last.seq, last.running_hash) is not None:
        raise Wrong("de eigen ack wordt geweigerd")
    if ack(k, "main", last.seq, last.running_hash) is not None:
        raise Wrong("dezelfde ack nog eens wordt geweigerd")


def second_device(bench, partner, device, *options):
    """A client on another device of a partner, enrolled with ${options}."""
    net = bench.net
    home = net.path("partners", partner, device)
    os.makedirs(home, exist_ok=True)
    net.run("keten", "keygen", "--dir", os.path.join(home, "keys"))
    with open(net.device_settings(partner), encoding="utf-8") as f:
        tree = yaml.safe_load(f)
    tree.update(device=device, keys=os.path.join(home, "keys"),
                spool=os.path.join(home, "spool"))
    path = os.path.join(home, "keten.yaml")
    with open(path, "w", encoding="utf-8") as f:
        yaml.safe_dump(tree, f)
    _, out, _ = net.run("keten", "enrol", "-c", path, "--identity",
                        net.path("secret", partner + ".key"), "--dir",
                        os.path.join(home, "certificates"), *options)
    device_only = [name for name in out.split() if "seal" not in name]
    net.ctl("enrol", *device_only)
    return raw.Client(net, tree)


@case
def many_entries(bench):
    """more entries than fit one answer come page by page, each once"""
    said = set()
    services = [f"DST-{n}" for n in (
        101, 102, 103, 104, 201, 202, 203, 204, 205, 206, 301, 302, 303, 401,
        402, 403, 501, 502, 601, 602, 901)]
    for partner in ("lwdb-noord", "welzijn-w", "gemeente-r", "thuiszorg-t"):
        c = bench.client(partner)
        for service in services:
            entry = c.p.CatalogueEntry(
                service=service, status="active", capacity=c.p.HAS,
                areas=[f"WK0855{n:02d}" for n in range(10)] * 6,
                checked_ms=int(time.time() * 1000))
            expect(c, c.say("catalogue", catalogue=entry), "")
            said.add((service, partner))
    got, pages, after = [], 0, None
    while pages == 0 or after is not None:
        page = ask(c, catalogue=c.p.CatalogueQuery(area="WK085503",
                                                   after=after)).catalogue
        got += [(r.entry.service, r.partner) for r in page.rows]
        after = page.more_after if page.HasField("more_after") else None
        pages += 1
    if pages < 2 or got != sorted(set(got)) or not said <= set(got):
        raise Wrong(f"{pages} bladzijden, {len(got)} regels")
    bad = c.p.CatalogueAt(service="X" * 300, partner="Y" * 300)
    expect(c, ask(c, catalogue=c.p.CatalogueQuery(after=bad)), "BAD_CODE")


@case
def submit_only(bench):
    """a device that may only submit takes no mailbox and reads nothing"""
    _, referral = bench.submitted()
    k = bench.client("welzijn-w")
    if not k.alive():
        raise Wrong("geen PONG")
    with second_device(bench, "welzijn-w", "phone", "--role",
                       "submit-only", "--days", "30") as c:
        c.hello()
        if not k.alive() or any(w == "bye" for w, _ in k.others):
            raise Wrong("het vaste apparaat verloor zijn postbus")
        last = k.deliveries[-1]
        expect(c, ack(c, "main", last.seq, last.running_hash), "MALFORMED",
               "KEY_NOT_VALID")
        for which in (dict(resync=c.p.ResyncQuery()),
                      dict(open_work=c.p.OpenWork()),
                      dict(referral=c.p.ReferralQuery(referral=referral)),
                      dict(resolve=c.p.Resolve(referral=referral)),
                      dict(content=c.p.ContentQuery(
                          referral=referral, part=0,
                          index=k.state(referral).opening_index))):
            expect(c, ask(c, **which), "NOT_ALLOWED")
        offer = k.state(referral).offers[0].number
        expect(c, c.do("ACCEPT", referral, offer=offer), "KEY_NOT_VALID")
        # It may look who offers what, and say that nobody does.
        expect(c, ask(c, catalogue=c.p.CatalogueQuery(service="DST-205")), "")
        expect(c, c.say("catalogue", catalogue=c.p.CatalogueEntry(
            service="DST-205", status="active", capacity=c.p.HAS,
            checked_ms=int(time.time() * 1000))), "KEY_NOT_VALID")
        expect(c, c.say("missing", missing=c.p.Missing(
            code="DST-205", area="WK085503")), "")
        if c.deliveries:
            raise Wrong("het kreeg een aflevering")
    # Nor what its partner oversees.
    with second_device(bench, "gemeente-r", "phone", "--role",
                       "submit-only", "--days", "30") as c:
        c.hello()
        expect(c, ask(c, report=c.p.ReportQuery(what="open", format="json")),
               "NOT_ALLOWED")


@case
def revoked_certificate(bench):
    """a certificate past its date is heard no more, also when connected"""
    net = bench.net
    with second_device(bench, "welzijn-w", "tablet", "--days", "1") as c:
        c.hello()
        net.set_clock(net.clock_ms + 25 * 3600 * 1000)
        wait_for("de klok is er", lambda: not net.ask(cmd="clock")["walking"]
                 and net.ask(cmd="clock")["time_ms"] >= net.clock_ms)
        # Refused, or cut off before it could ask.
        answer = c.query(patience=2.0, resync=c.p.ResyncQuery())
        if answer is not None and code_of(c, answer) != "KEY_NOT_VALID":
            raise Wrong(f"een antwoord: {answer}")
    # It took the mailbox of the device that is honest.
    bench.fresh("welzijn-w").close()


def rewrap(client, referral, index, part, to, key, wrap):
    """A REWRAP of one part, signed by ${client}; its outcome."""
    p = client.p
    own = client.sent_parts[referral][part]
    number = client.number + 1
    body = p.Rewrap(to=to, key_id=key, because=index, parts=[p.RewrapPart(
        index=index, part=part, sha256=own.sha256,
        plain_commit=own.plain_commit)])
    st = client.statement(number, referral, rewrap=body)
    env = client.envelope(st, kind="rewrap")
    content = p.Content(pieces=[p.Piece(index=index, part=part,
                                        wraps=[wrap])])
    client.send(content=content.SerializeToString(), submit=p.Submit(
        envelope=env.SerializeToString()))
    return client.outcome(raw.Message("REWRAP", number, referral, []))


@case
def junk_wraps(bench):
    """who cannot open a part cannot put junk in the place of its wrap"""
    b = bench.client("lwdb-noord")
    referral = raw.new_referral()
    parts = b.parts(referral, note_for=("lwdb-noord", "gemeente-r",
                                        "welzijn-w"))
    expect(b, b.do("SUBMIT", referral, header=b.header(), parts=parts), "")
    k = bench.client("welzijn-w")
    state = k.state(referral)
    signed = {referral: [part for part, _ in parts]}
    b.sent_parts = k.sent_parts = signed
    expect(k, k.do("ACCEPT", referral, offer=state.offers[0].number), "")
    key = k.seal_key("welzijn-w")
    junk = key.wrap(k.p, secrets.token_bytes(32))
    # welzijn itself is now holder, but has no wrap: it can make none.
    expect(k, rewrap(k, referral, state.opening_index, 1, "welzijn-w",
                     key.id, junk), "NOT_ALLOWED")
    expect(b, rewrap(b, referral, state.opening_index, 1, "welzijn-w",
                     key.id, junk), "")


@case
def many_questions(bench):
    """one that asks without end is told to wait, and the others are not"""
    c = bench.client("thuiszorg-t")
    r = bench.client("gemeente-r")
    for n in range(1, 2001):
        c.send(query=c.p.Query(id=n, resync=c.p.ResyncQuery()))
    began = time.monotonic()
    if not r.alive():
        raise Wrong("een ander krijgt geen antwoord")
    if time.monotonic() - began > 15:
        raise Wrong(f"een ander wacht {time.monotonic() - began:.1f} s")
    slow = c.until(("refusal",), patience=10)
    expect(c, slow, "TOO_FAST")
    if not slow.query_id:
        raise Wrong("de weigering zegt niet van welke vraag")
    while c.receive(0.5)[0] is not None:
        pass
    wait_for("na wachten weer een antwoord", lambda: not code_of(
        c, ask(c, resync=c.p.ResyncQuery())), nap=0.5)
    expect(c, c.do("REPORT", raw.new_referral(), seen_version=1),
           "UNKNOWN_REFERRAL")


# --- running them -----------------------------------------------------------


class Network(Bench):
    """A partner with two mailboxes."""

    @staticmethod
    def patch(tree):
        Bench.patch(tree)
        for partner in tree["partners"]:
            if partner["id"] == "welzijn-w":
                partner["mailboxes"] = ["main", "desk"]


def main():
    args = argparse.ArgumentParser()
    args.add_argument("names", nargs="*")
    args.add_argument("--build", default="build")
    args.add_argument("--keep", action="store_true")
    args = args.parse_args()
    os.chdir(TOP)
    n = failed = 0
    root = tempfile.mkdtemp(prefix="kf-")
    bench = Network(os.path.join(root, "net"), args.build)

    def tell(good, text, why=""):
        nonlocal n, failed
        n += 1
        failed += not good
        print(f"{'ok' if good else 'not ok'} {n} - {text}", flush=True)
        for line in why.splitlines():
            print("# " + line)

    def up(function):
        """The same broker is still there, and answers somebody else."""
        child = bench.net.children["ketend"]
        if not child.alive():
            bench.net.start_broker()
            for partner in list(bench.clients):
                bench.clients.pop(partner).close()
            raise Wrong("de makelaar is gestopt:\n"
                        + bench.net.tail("ketend"))
        if not bench.client("gemeente-r").alive():
            raise Wrong("een ander krijgt geen antwoord meer")

    try:
        for function in CASES:
            if args.names and function.__name__ not in args.names:
                continue
            why = ""
            try:
                function(bench)
            except Exception as e:
                why = str(e) if isinstance(e, Wrong) \
                    else traceback.format_exc()
            try:
                up(function)
            except Exception as e:
                why += "\n" + str(e)
            tell(not why, function.__doc__, why)
        status, out, err = bench.net.audit("verify")
        tell(status in (0, 10, 11), "the log verifies afterwards",
             "" if status in (0, 10, 11) else out + err)
        status, out, err = bench.net.audit("replay")
        tell(status in (0, 10, 11), "and replays",
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
