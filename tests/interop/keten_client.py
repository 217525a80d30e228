"""A partner of Keten in Python, written from PROTOCOL.md.

    me = Client(Settings(...))
    me.connect()
    case = me.submit(code="SIG-101", area="WK085501", ...)
    me.wait(lambda: me.cases[case].state == "ACCEPTED")

One thread; pump() takes in what came.  It keeps everything in memory: a
program that is used for more than tests keeps it on a disk before it sends or
acknowledges (sections 9 and 10).
"""

import json
import secrets
import time

import sealing
import trust
from case import Case
from link import Link, Refused, now_ms
from trust import need

NOTE, PERSON, TEXT = 1, 2, 3
TAKES = ("ACCEPT", "CONFIRM", "TAKE_OVER")


def new_id():
    """A UUIDv7."""
    raw = bytearray(int(time.time() * 1000).to_bytes(6, "big")
                    + secrets.token_bytes(10))
    raw[6] = 0x70 | raw[6] & 0x0F
    raw[8] = 0x80 | raw[8] & 0x3F
    return bytes(raw)


class Client(Link):
    """One device of one partner."""

    def case(self, referral):
        if referral not in self.cases:
            self.cases[referral] = Case(self.p, self.s.partner, referral)
        return self.cases[referral]

    # --- outcomes: section 9 -------------------------------------------------

    def envelope_of(self, number):
        header = self.p.ToBroker.FromString(self.out[number][0])
        return header.submit.envelope

    def on_receipt(self, m, _):
        if m.lane != self.lane or m.number not in self.out:
            return
        envelope = self.envelope_of(m.number)
        facts, route, leaf = self.check_record(m.record, envelope)
        env = self.p.Envelope.FromString(envelope)
        st = self.p.Statement.FromString(env.body)
        self.check_sender(route, st, env.body)
        if facts.HasField("change") and facts.change.referral:
            case = self.case(facts.change.referral)
            case.apply(facts, route, st)
            case.newest = leaf
            self.keep_own(case, facts.index, self.out[m.number])
        self.outcomes[m.number] = m
        del self.out[m.number]

    def keep_own(self, case, index, frames):
        """What we sealed ourselves, with our own wrap."""
        if len(frames) < 2:
            return
        for piece in self.p.Content.FromString(frames[1]).pieces:
            own = [w for w in piece.wraps if w.key_id == self.s.seal.id]
            if piece.sealed and own:
                case.keep(self.p.Piece(index=index, part=piece.part,
                                       kind=piece.kind, sealed=piece.sealed,
                                       wraps=own), index)

    @staticmethod
    def check_sender(route, st, body):
        if route is None or not route.HasField("sender"):
            return
        who = route.sender
        need((who.partner, who.device, who.lane, who.number, who.body_hash)
             == (st.partner, st.device, st.lane, st.number, trust.sha(body)),
             "the facts name another sender")

    def on_refusal(self, m, _):
        if m.HasField("record") and m.number in self.out:
            self.check_record(m.record, self.envelope_of(m.number))
            self.outcomes[m.number] = m
            del self.out[m.number]
        elif m.lane == self.lane and m.number in self.out and \
                m.expected_number in self.out and \
                m.code == self.p.GAP:
            for number in sorted(self.out):     # go-back-N
                if number >= m.expected_number:
                    self.sock.send_multipart(self.out[number])
        else:
            self.outcomes[m.number] = m

    # --- deliveries: section 10 ----------------------------------------------

    def on_delivery(self, d, content):
        if d.seq <= self.last:
            return
        need(not self.last or d.seq == self.last + 1, "a delivery is missing")
        facts, route, leaf = self.check_record(d.record)
        running = trust.running_hash(self.running, d.seq, leaf)
        need(running == d.running_hash or not self.last and d.seq > 1,
             "another running hash")
        st = None
        if d.envelope:
            need(trust.sha(d.envelope) == d.record.envelope_hash,
                 "a statement of another record")
            st, body = self.check_statement(d.envelope, facts.index)
            self.check_sender(route, st, body)
        self.take(d, facts, route, st, content, leaf)
        self.last, self.running = d.seq, d.running_hash
        self.log_of.append((d.seq, facts.index, d.role))
        self.credited += 1
        if self.last - self.acked >= min(64, self.s.credit // 2) or \
                not self.sock.poll(0):
            self.acknowledge()

    def take(self, d, facts, route, st, content, leaf):
        """Apply what was delivered, to every referral here that it changes."""
        if d.HasField("opening"):
            first, first_route, _ = self.check_record(d.opening)
            self.case(first.change.referral).apply(first, first_route)
        elif facts.change.referral and not facts.change.version_before:
            self.case(facts.change.referral)
        rewrapped = st.rewrap.parts if st and st.HasField("rewrap") else ()
        about = self.about(facts, st, d.referral)
        for case in about:
            case.apply(facts, route, st)
            case.newest = leaf
        if d.offer:
            self.take_offer(facts, d, about)
        if about:
            about[0].roles.append(self.p.DeliveryRole.Name(d.role))
        for piece in content:
            at = (piece.index or facts.index, piece.part)
            owner = [c for c in about if at in c.announced] or about
            owner[0].keep(piece, facts.index, rewrapped)

    def about(self, facts, st, first):
        """The cases that a record is about; that of the delivery first."""
        ids = [first, *(c.referral for c in [facts.change, *facts.children]),
               st.referral if st else b""]
        return [self.cases[i] for i in dict.fromkeys(ids) if i in self.cases]

    def take_offer(self, facts, d, about):
        """Ours is the offer whose commitment opens to us."""
        for change in [facts.change, *facts.children]:
            for o in change.offers:
                case = self.cases.get(change.referral)
                if case is None or o.number != d.offer:
                    continue
                if not o.commit:
                    need(case.mine in (None, d.offer), "not our offer")
                elif o.commit == trust.offer_commit(d.blind,
                                                    self.s.partner):
                    case.mine = d.offer
                    return
                else:
                    need(len(about) > 1, "an offer to somebody else")

    def acknowledge(self):
        if self.last == self.acked:
            return
        ack = self.p.Ack(version=1, origin=self.s.origin,
                         partner=self.s.partner, device=self.s.device,
                         mailbox=self.s.mailbox, n=self.last,
                         running_hash=self.running, made_ms=now_ms())
        if self.seen[0]:
            ack.seen_size, ack.seen_root = self.seen
        self.send(ack=self.p.SendAck(envelope=trust.sign(
            self.p, self.s.sign, "ack", ack.SerializeToString())))
        self.acked = self.last
        if self.credited:
            self.send(credit=self.p.Credit(n=self.credited))
            self.credited = 0

    # --- statements: sections 7 to 9 -----------------------------------------

    def statement(self, referral, **body):
        """The body of a statement with the next number."""
        case = self.cases.get(referral)
        st = self.p.Statement(
            version=1, origin=self.s.origin, partner=self.s.partner,
            device=self.s.device, lane=self.lane, number=self.next,
            nonce=secrets.token_bytes(32), referral=referral,
            seen_leaf=case.newest if case else b"",
            policy_index=self.policy.doc.index, actor=self.s.actor,
            made_ms=now_ms(), **body)
        if self.seen[0]:
            st.seen_size, st.seen_root = self.seen
        self.next += 1
        return st.number, st.SerializeToString()

    def post(self, number, envelope, pieces=()):
        """Store a signed statement and send it."""
        frames = [self.p.ToBroker(version=1, submit=self.p.Submit(
            envelope=envelope)).SerializeToString()]
        if pieces:
            frames.append(self.p.Content(pieces=pieces).SerializeToString())
        need(len(frames[0]) <= self.welcome.max_header
             and sum(map(len, frames[1:])) <= self.welcome.max_content,
             "too big to be sent")
        self.out[number] = frames
        self.sock.send_multipart(frames)

    def say(self, kind, referral, pieces=(), **body):
        """Sign and send one statement; return its number."""
        number, raw = self.statement(referral, **body)
        self.post(number, trust.sign(self.p, self.s.sign, kind, raw), pieces)
        return number

    def outcome(self, number, others=()):
        """Wait for the outcome; return the Receipt or raise Refused."""
        self.wait(lambda: number in self.outcomes, f"an outcome of {number}",
                  others=others)
        m = self.outcomes[number]
        if isinstance(m, self.p.Refusal):
            raise Refused(m, self.p)
        return m

    def seal(self, kind, referral, body, partners):
        """(Part, Piece) for these partners, oneself first."""
        nonce = secrets.token_bytes(16)
        keys = []
        for partner in [self.s.partner, *partners]:
            key = self.key_of(partner) if partner else None
            if key is not None and key.id not in [k.id for k in keys]:
                keys.append(key)
        return sealing.seal(
            self.p, kind, json.dumps(body).encode(),
            sealing.make_aad(self.s.origin, self.s.partner, referral, kind,
                             nonce), nonce, keys)

    def command(self, event, referral, parts=(), **fields):
        """Send a step; return its number."""
        c = self.p.Command(event=self.p.Event.Value(event), **fields)
        pieces = []
        for at, (part, piece) in enumerate(parts):
            c.parts.append(part)
            piece.part = at
            pieces.append(piece)
        return self.say("command", referral, pieces, command=c)

    # --- steps ---------------------------------------------------------------

    def resolve(self, header):
        """Who is asked: the broker's word, compared with the policy's."""
        rungs, r, custodian, early = self.policy.ladder(
            self.s.partner, header, now_ms())
        answer = self.ask(resolve=self.p.Resolve(header=header)).resolve
        mine = {n for rung in rungs for n in rung}
        theirs = [list(x.candidates) for x in answer.rungs]
        need({n for rung in theirs for n in rung} <= mine,
             "a candidate that the policy does not name")
        need(header.urgency == self.p.EMERGENT or theirs == rungs,
             f"another ladder: {theirs}, not {rungs}")
        need((answer.regisseur, answer.custodian, answer.early) ==
             (r, custodian, early), "another R, custodian or disclosure")
        return theirs, r, custodian, early

    def submit(self, note, person, text=None, **header):
        """A SUBMIT; return (referral, number)."""
        h = self.p.Header(**header)
        rungs, r, custodian, early = self.resolve(h)
        everybody = [n for rung in rungs for n in rung]
        referral = new_id()
        parts = [self.seal(NOTE, referral, {"text": note}, [r, *everybody]),
                 self.seal(PERSON, referral, person,
                           [custodian, *(everybody if early else [])])]
        if text is not None:
            parts.append(self.seal(TEXT, referral, {"text": text},
                                   [r, *(rungs[0] if rungs else [])]))
        return referral, self.command("SUBMIT", referral, parts, header=h)

    def step(self, event, referral, text=None, note=None, others=(),
             **fields):
        """A step in the role in which it is due; wait for the outcome."""
        case = self.cases[referral]
        if case.my_offer_is_open() and case.holder != self.s.partner:
            fields.setdefault("offer", case.mine)
        else:
            fields.setdefault("seen_version", case.version)
        a = case.after
        readers = [a.originator, a.holder, a.regisseur]
        parts = []
        if note is not None:
            parts.append(self.seal(NOTE, referral, {"text": note},
                                   [*readers, fields.get("to")]))
        if text is not None:
            readers += [n for i, n in case.names.items()
                        if case.offers[i].state in (1, 2)]
            parts.append(self.seal(TEXT, referral, {"text": text}, readers))
        return self.outcome(self.command(event, referral, parts, **fields),
                            others)

    def read(self, referral, kind):
        """The newest part of a kind, opened."""
        case = self.cases[referral]
        at = case.find(kind)
        need(at is not None, "there is no such part here")
        return json.loads(case.open(at, self.s.origin, self.s.seal))

    # --- REWRAP: section 17 --------------------------------------------------

    def on_rewrap_ask(self, ask, _):
        """Answer it, if it is right."""
        facts, route, leaf = self.check_record(ask.because)
        need(facts.kind != self.p.RECORD_REFUSED, "a refused step")
        st = None
        if ask.because_envelope:
            need(trust.sha(ask.because_envelope) ==
                 ask.because.envelope_hash, "another statement")
            st, body = self.check_statement(ask.because_envelope, facts.index)
            self.check_sender(route, st, body)
        size, root = self.see(ask.checkpoint)
        trust.check_inclusion(facts.index, size, leaf, ask.proof, root)
        key = self.certs.sealing_of(ask.certificate, ask.to)
        took = self.took(ask, facts, st)
        need(took or self.may_read_notes(ask, facts, route),
             "a wrap for somebody without a right")
        self.wrap(ask, key, facts.index, took)

    def changes_of(self, ask, facts):
        return [c for c in [facts.change, *facts.children]
                if c.referral == ask.referral]

    def took(self, ask, facts, st):
        """Did ${to} take it, or its parent, with a signature?"""
        if st is None or st.partner != ask.to or not st.HasField("command") \
                or self.p.Event.Name(st.command.event) not in TAKES \
                or facts.change.after.holder != ask.to:
            return False
        return any(ask.to in (c.after.holder, c.after.originator)
                   for c in self.changes_of(ask, facts))

    def may_read_notes(self, ask, facts, route):
        for c in self.changes_of(ask, facts):
            if ask.to in (c.after.originator, c.after.holder,
                          c.after.regisseur):
                return True
            states = {o.number: o for o in c.offers}
            for who in route.changes if route else ():
                for o in who.offers:
                    is_in = states.get(o.number)
                    if who.referral == ask.referral and o.to == ask.to and \
                            is_in is not None and is_in.state in (1, 2) and \
                            is_in.commit == trust.offer_commit(o.blind, o.to):
                        return True
        return False

    def wrap(self, ask, key, because, took):
        case = self.cases[ask.referral]
        parts, pieces = [], []
        for x in ask.parts:
            at = (x.index, x.part)
            if at not in case.pieces or not (
                    took or case.pieces[at][0] == NOTE):
                continue
            part, _ = case.announced[at]
            need((part.sha256, part.plain_commit) ==
                 (x.sha256, x.plain_commit), "other content than there is")
            parts.append(x)
            pieces.append(self.p.Piece(
                index=x.index, part=x.part, kind=case.pieces[at][0],
                wraps=[case.rewrap(at, self.s.origin, self.s.seal, key)]))
        if parts:
            self.say("rewrap", ask.referral, pieces, rewrap=self.p.Rewrap(
                to=ask.to, key_id=key.id, because=because, parts=parts))
