"""One connection to the broker: sections 4, 6, 19 and 20.

Link says HELLO, asks questions and checks records, policies, certificates and
checkpoints.  What is done with deliveries and outcomes is keten_client.py's.
"""

import secrets
import time
from collections import deque
from dataclasses import dataclass, field

import zmq
from cryptography.hazmat.primitives.asymmetric import ed25519
from zmq.utils import z85

import sealing
import trust
from policy import Certificates, Policy
from trust import Broken, need

PATIENCE = 60.0


class Refused(Exception):
    """The broker said no."""

    def __init__(self, refusal, p):
        self.refusal = refusal
        self.code = p.ErrorCode.Name(refusal.code)
        super().__init__(f"{self.code}: {refusal.text} ({refusal.rule})")


@dataclass
class Settings:
    """What a device knows before it connects."""
    origin: str
    partner: str
    device: str
    endpoint: str
    broker_key: bytes           # CURVE, 32 bytes
    introducer: bytes           # Ed25519, 32 bytes
    log_vkey: str
    actor: str = "PY-01"
    mailbox: str = "main"
    credit: int = 64
    sign: object = field(default_factory=ed25519.Ed25519PrivateKey.generate)
    curve: tuple = field(default_factory=zmq.curve_keypair)
    seal: sealing.SealKey = field(default_factory=sealing.SealKey.new)


def now_ms():
    return int(time.time() * 1000)


def certificates(p, s, identity, serial=None):
    """Envelopes of both certificates of a device, signed by ${identity}."""
    serial = serial or now_ms()
    common = dict(version=1, origin=s.origin, partner=s.partner,
                  made_ms=now_ms())
    until = now_ms() + 365 * 86400 * 1000
    device = p.KeyStatement(device=p.DeviceCertificate(
        device=s.device, serial=serial, curve_key=z85.decode(s.curve[0]),
        sign_key=trust.raw_public(s.sign), role=p.FULL, not_after_ms=until),
        **common)
    seal = p.KeyStatement(sealing=p.SealingCertificate(
        serial=serial, key_x=s.seal.x, key_y=s.seal.y, not_after_ms=until),
        **common)
    return [trust.sign(p, identity, "key", k.SerializeToString())
            for k in (device, seal)]


class Link:
    """What one device knows of the broker, and its socket."""

    def __init__(self, p, settings):
        self.p, self.s = p, settings
        self.log = trust.LogKey(settings.log_vkey)
        self.lane = secrets.token_bytes(8)
        self.next = 1               # the number that is free here
        self.out = {}               # number -> frames without an outcome yet
        self.outcomes = {}          # number -> Receipt or Refusal
        self.last = 0               # delivery
        self.running = bytes(32)
        self.acked = 0
        self.credited = 0
        self.seen = (0, b"")        # newest checkpoint verified
        self.policy = None
        self.certs = None
        self.cases = {}             # referral -> Case
        self.answers = {}
        self.inbox = deque()        # what was not looked at yet
        self.is_busy = False
        self.log_of = []            # (seq, index, role): what was delivered
        self.welcome = None
        self.bye = None
        self.patience = PATIENCE
        self.context = zmq.Context()
        self.sock = None

    # --- the connection: section 4 and 6 -------------------------------------

    def connect(self):
        """A new socket, HELLO, WELCOME; then what is still unanswered."""
        self.close()
        sock = self.sock = self.context.socket(zmq.DEALER)
        for option, value in ((zmq.LINGER, 0), (zmq.RECONNECT_IVL, -1),
                              (zmq.MAXMSGSIZE, 1 << 20), (zmq.SNDHWM, 4096),
                              (zmq.HEARTBEAT_IVL, 10000),
                              (zmq.HEARTBEAT_TIMEOUT, 30000)):
            sock.setsockopt(option, value)
        sock.curve_publickey, sock.curve_secretkey = self.s.curve
        sock.curve_serverkey = z85.encode(self.s.broker_key)
        sock.connect(self.s.endpoint)
        self.welcome = self.bye = None
        hello = self.p.Hello(lane=self.lane, mailbox=self.s.mailbox,
                             last_delivery=self.last, credit=self.s.credit,
                             software="keten_client.py/1")
        if self.seen[0]:
            hello.seen_size, hello.seen_root = self.seen
        self.send(hello=hello)
        self.wait(lambda: self.welcome is not None or self.bye, "WELCOME")
        need(self.welcome is not None, "no WELCOME")
        need(self.welcome.origin == self.s.origin, "another log")
        need(self.welcome.last_number < self.next,
             "NUMBER_REUSED: this lane is further than we are")
        self.learn()
        if self.last:
            self.acked = 0
            self.acknowledge()
        for number in sorted(self.out):
            self.sock.send_multipart(self.out[number])

    def learn(self):
        """Policy, certificates and checkpoint, each checked."""
        if self.policy is None or \
                self.policy.doc.index < self.welcome.policy_index:
            self.policy = Policy(
                self.p, self.policy_envelope(), self.s.introducer,
                self.s.origin,
                self.policy.doc.index if self.policy else 0)
            self.certs = Certificates(self.p, self.policy, self.s.introducer)
        if self.welcome.checkpoint:
            self.see(self.welcome.checkpoint)

    def policy_envelope(self):
        """The document in force, page by page."""
        page = self.ask(policy=self.p.PolicyQuery()).policy
        envelope = page.envelope
        while len(envelope) < page.size:
            page = self.ask(policy=self.p.PolicyQuery(
                index=page.index, **{"from": len(envelope)})).policy
            need(page.envelope, "a policy that does not go on")
            envelope += page.envelope
        return envelope

    def close(self):
        if self.sock is not None:
            self.sock.close(0)
        self.sock = None

    def send(self, content=None, **which):
        header = self.p.ToBroker(version=1, **which).SerializeToString()
        self.sock.send_multipart([header] + ([content] if content else []))

    def pump(self, patience=0.0):
        """Take in one message, if one comes in time."""
        if self.sock.poll(int(patience * 1000)):
            frames = self.sock.recv_multipart()
            m = self.p.FromBroker.FromString(frames[0])
            content = (self.p.Content.FromString(frames[1]).pieces
                       if len(frames) > 1 else [])
            which = m.WhichOneof("body")
            self.on_message(which, getattr(m, which), content)
        self.work()

    def on_message(self, which, body, content):
        """What cannot wait; the rest keeps its order."""
        if which == "answer":
            self.answers[body.id] = (body, content)
        elif which == "refusal" and body.query_id:
            self.answers[body.query_id] = (body, [])
        elif which == "ping":
            self.send(pong=body)
        elif which in ("welcome", "bye"):
            setattr(self, which, body)
        elif which != "pong":
            self.inbox.append((which, body, content))

    def work(self):
        """Look at what waits, one by one: looking at one may ask the broker
        something, and then the next one waits."""
        while self.inbox and not self.is_busy:
            which, body, content = self.inbox.popleft()
            self.is_busy = True
            try:
                getattr(self, "on_" + which)(body, content)
            finally:
                self.is_busy = False

    def wait(self, ready, what="", patience=None, others=()):
        """Pump, also for ${others}, until ready()."""
        end = time.monotonic() + (patience or self.patience)
        while not ready():
            if time.monotonic() > end:
                raise Broken(f"{self.s.partner}: not in time: {what}")
            self.pump(0.01 if others else 0.05)
            for other in others:
                other.pump(0.01)

    # --- questions: section 20 -----------------------------------------------

    def ask(self, **which):
        return self.ask_content(**which)[0]

    def ask_content(self, **which):
        """(Answer, pieces); raises Refused."""
        ident = secrets.randbelow(1 << 62) + 1
        self.send(query=self.p.Query(id=ident, **which))
        self.wait(lambda: ident in self.answers, f"an answer to {which}")
        answer, content = self.answers.pop(ident)
        if isinstance(answer, self.p.Refusal):
            raise Refused(answer, self.p)
        return answer, content

    def keys_of(self, *partners):
        """Get and check the certificates of these partners."""
        for partner in partners:
            answer = self.ask(keys=self.p.KeysQuery(partner=partner))
            for row in answer.keys.rows:
                self.certs.add(row.index, row.envelope)

    def key_of(self, partner):
        """The sealing key of a partner, asked for when it is not known."""
        if partner == self.s.partner:
            return self.s.seal
        if self.certs.seal_key(partner, now_ms()) is None:
            self.keys_of(partner)
        return self.certs.seal_key(partner, now_ms())

    def see(self, note):
        """Check a checkpoint; it has to follow the newest one seen."""
        size, root = trust.check_note(note, self.log)
        old, old_root = self.seen
        if old and size != old:
            small, big = sorted(((old, old_root), (size, root)))
            answer = self.ask(consistency=getattr(self.p, "ConsistencyQuery")(
                **{"from": small[0], "to": big[0]}))
            trust.check_consistency(small[0], big[0], small[1], big[1],
                                    answer.proof.hashes)
        elif old:
            need(root == old_root, "two trees of one size")
        if size > old:
            self.seen = (size, root)
        return size, root

    def prove(self, index, leaf):
        """Is the leaf in the newest published tree?"""
        answer = self.ask(proof=self.p.ProofQuery(index=index)).proof
        size, root = self.see(answer.checkpoint)
        need(size == answer.size, "a proof for another tree")
        trust.check_inclusion(index, size, trust.leaf_hash(leaf),
                              answer.hashes, root)

    # --- records: section 18 -------------------------------------------------

    def check_record(self, r, envelope=None):
        """(Facts, RouteFacts or None, leaf hash) of a Record that holds."""
        kind, ms, record, _ = trust.read_leaf(r.leaf)
        route_hash = r.route_hash
        if r.route_facts:
            need(not route_hash or route_hash == trust.sha(r.route_facts),
                 "route facts with another hash")
            route_hash = trust.sha(r.route_facts)
        envelope_hash = r.envelope_hash
        if envelope is not None:
            envelope_hash = trust.sha(envelope)
            need(envelope_hash == r.envelope_hash,
                 "a record of another statement")
        need(record == trust.record_hash(r.salt, envelope_hash, r.facts,
                                         route_hash),
             "the leaf does not bind the facts")
        facts = self.p.Facts.FromString(r.facts)
        need((facts.index, facts.kind, facts.time_ms) == (r.index, kind, ms),
             "facts of another leaf")
        route = (self.p.RouteFacts.FromString(r.route_facts)
                 if r.route_facts else None)
        return facts, route, trust.leaf_hash(r.leaf)

    def check_statement(self, envelope, index):
        """The Statement in a signed envelope, its signer checked."""
        env = self.p.Envelope.FromString(envelope)
        st = self.p.Statement.FromString(env.body)
        need(st.origin == self.s.origin, "a statement for another log")
        try:
            public = self.certs.sign_key(st.partner, st.device, env.key_id,
                                         index)
        except Broken:
            self.keys_of(st.partner)
            public = self.certs.sign_key(st.partner, st.device, env.key_id,
                                         index)
        trust.check_envelope(env, public)
        need(env.type == trust.TYPE % st.WhichOneof("body"), "another type")
        return st, env.body
