"""The protocol by hand: what no well-behaved SDK would send.

A small client over pyzmq and generated protobuf.  Every layer can be bent:
the bytes of a frame, the envelope, the statement, the number, the key.  It
borrows the keys of a device of the test network and takes its place.
"""

import hashlib
import os
import re
import secrets
import struct
import subprocess
import sys
import time

import zmq
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.concatkdf import ConcatKDFHash
from cryptography.hazmat.primitives.keywrap import aes_key_wrap
import yaml
from zmq.utils import z85

from network import TOP, Trouble

TYPE = "application/vnd.keten.{}.v1+protobuf"
PROTECTED = b'{"enc":"A256GCM","typ":"keten+jwe"}'
PADDED = (3072, 15360, 64512, 261120)


def protos(build):
    """Generate the protocol's classes and give them as one namespace."""
    out = os.path.join(build, "gen-py")
    made = os.path.join(out, "keten/v1/session_pb2.py")
    schemas = os.path.join(TOP, "schemas")
    names = sorted(os.listdir(os.path.join(schemas, "keten/v1")))
    if not os.path.exists(made) or os.path.getmtime(made) < max(
            os.path.getmtime(os.path.join(schemas, "keten/v1", n))
            for n in names):
        os.makedirs(out, exist_ok=True)
        subprocess.run(["protoc", "--proto_path=" + schemas,
                        "--python_out=" + out]
                       + ["keten/v1/" + n for n in names], check=True)
    if out not in sys.path:
        sys.path.insert(0, out)
    from keten.v1 import (common_pb2, content_pb2, facts_pb2, session_pb2,
                          statement_pb2)

    class Names:
        pass
    for module in (common_pb2, content_pb2, facts_pb2, session_pb2,
                   statement_pb2):
        for name in dir(module):
            if not name.startswith("_"):
                setattr(Names, name, getattr(module, name))
    return Names


def read_key(path):
    """The 32 secret bytes of a key file."""
    with open(path, encoding="ascii") as f:
        return bytes.fromhex(f.read().split()[2])


def b64u(raw):
    import base64
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


class SealKey:
    """A partner's sealing key."""

    def __init__(self, path):
        self.private = ec.derive_private_key(
            int.from_bytes(read_key(path), "big"), ec.SECP256R1())
        n = self.private.public_key().public_numbers()
        self.x = n.x.to_bytes(32, "big")
        self.y = n.y.to_bytes(32, "big")
        self.id = hashlib.sha256(b"\4" + self.x + self.y).hexdigest()[:16]

    def wrap(self, p, cek):
        """ECDH-ES+A256KW of a content key for this key."""
        ephemeral = ec.generate_private_key(ec.SECP256R1())
        z = ephemeral.exchange(ec.ECDH(), self.private.public_key())
        alg = b"ECDH-ES+A256KW"
        info = (struct.pack(">I", len(alg)) + alg + struct.pack(">I", 0)
                + struct.pack(">I", 0) + struct.pack(">I", 256))
        kek = ConcatKDFHash(algorithm=hashes.SHA256(), length=32,
                            otherinfo=info).derive(z)
        e = ephemeral.public_key().public_numbers()
        return p.Wrap(key_id=self.id, epk_x=e.x.to_bytes(32, "big"),
                      epk_y=e.y.to_bytes(32, "big"),
                      encrypted_key=aes_key_wrap(kek, cek))


def seal(p, kind, body, aad, nonce, keys):
    """(Part for the statement, Piece for the content frame)."""
    raw = secrets.token_bytes(32) + struct.pack(">I", len(body)) + body
    size = next(s for s in PADDED if s >= len(raw))
    plain = raw + bytes(size - len(raw))
    cek = secrets.token_bytes(32)
    iv = secrets.token_bytes(12)
    auth = b64u(PROTECTED) + b"." + b64u(aad.encode())
    both = AESGCM(cek).encrypt(iv, plain, auth)
    sealed = p.Sealed(protected_header=PROTECTED, aad=aad, iv=iv,
                      ciphertext=both[:-16],
                      tag=both[-16:]).SerializeToString()
    part = p.Part(kind=kind, sha256=hashlib.sha256(sealed).digest(),
                  length=size, nonce=nonce,
                  plain_commit=hashlib.sha256(
                      b"keten1/part\0" + plain).digest(),
                  wrapped_for=[k.id for k in keys])
    piece = p.Piece(kind=kind, sealed=sealed,
                    wraps=[k.wrap(p, cek) for k in keys])
    return part, piece


def new_referral():
    """A UUIDv7."""
    ms = int(time.time() * 1000)
    raw = bytearray(ms.to_bytes(6, "big") + secrets.token_bytes(10))
    raw[6] = 0x70 | raw[6] & 0x0F
    raw[8] = 0x80 | raw[8] & 0x3F
    return bytes(raw)


class Message:
    """One command as it was sent."""

    def __init__(self, step, number, referral, frames):
        self.step = step
        self.number = number
        self.referral = referral
        self.frames = frames


class Client:
    """One connection of one device."""

    def __init__(self, net, tree):
        self.net = net
        self.p = protos(net.build)
        self.partner = tree["partner"]
        self.device = tree["device"]
        self.origin = tree["origin"]
        self.endpoint = tree["endpoint"]
        self.broker_key = bytes.fromhex(tree["broker_key"])
        keys = tree["keys"]
        self.curve = read_key(os.path.join(keys, "curve.key"))
        self.sign = ed25519.Ed25519PrivateKey.from_private_bytes(
            read_key(os.path.join(keys, "sign.key")))
        self.lane = secrets.token_bytes(8)
        self.number = 0
        self.outcomes = {}
        self.deliveries = []
        self.others = []
        self.context = zmq.Context()
        self.sock = None
        self.connect()

    @classmethod
    def of_device(cls, net, partner):
        with open(net.device_settings(partner), encoding="utf-8") as f:
            return cls(net, yaml.safe_load(f))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def connect(self):
        secret = z85.encode(self.curve)
        self.sock = self.context.socket(zmq.DEALER)
        self.sock.setsockopt(zmq.LINGER, 0)
        self.sock.setsockopt(zmq.RECONNECT_IVL, -1)
        self.sock.curve_secretkey = secret
        self.sock.curve_publickey = zmq.curve_public(secret)
        self.sock.curve_serverkey = z85.encode(self.broker_key)
        self.sock.connect(self.endpoint)

    def close(self):
        if self.sock is not None:
            self.sock.close(0)
        self.context.term()
        self.sock = None

    # --- talking ---------------------------------------------------------------

    def send(self, body=None, content=None, raw=None, version=1, **which):
        """One message; ${raw}: these frames as they are."""
        if raw is not None:
            self.sock.send_multipart(raw)
            return
        header = self.p.ToBroker(version=version, **which)
        frames = [header.SerializeToString()]
        if content is not None:
            frames.append(content)
        self.sock.send_multipart(frames)

    def receive(self, patience=20.0):
        """The next message as (FromBroker, content frame or None)."""
        if not self.sock.poll(int(patience * 1000)):
            return None, None
        frames = self.sock.recv_multipart()
        message = self.p.FromBroker()
        message.ParseFromString(frames[0])
        return message, frames[1] if len(frames) > 1 else None

    def until(self, kind, test=lambda m: True, patience=20.0):
        """Read on until a message of a kind; the others are kept."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            message, _ = self.receive(end - time.monotonic())
            if message is None:
                break
            which = message.WhichOneof("body")
            body = getattr(message, which)
            if which == "ping":
                self.send(pong=body)
                continue
            if which == "delivery":
                self.deliveries.append(body)
            if which in kind and test(body):
                return body
            self.others.append((which, body))
        return None

    def hello(self, credit=1000):
        self.send(hello=self.p.Hello(lane=self.lane, mailbox="main",
                                     software="raw/1", credit=credit))
        welcome = self.until(("welcome",))
        if welcome is None:
            raise Trouble(f"{self.partner}: geen WELCOME; {self.others}")
        self.number = welcome.last_number
        self.welcome = welcome
        return welcome

    def alive(self):
        """The connection still stands: PING is answered."""
        n = secrets.randbelow(1 << 60) + 1
        self.send(ping=self.p.Ping(n=n))
        return self.until(("pong",), lambda m: m.n == n) is not None

    # --- statements ---------------------------------------------------------------

    def statement(self, number, referral, **body):
        return self.p.Statement(
            version=1, origin=self.origin, partner=self.partner,
            device=self.device, lane=self.lane, number=number,
            nonce=secrets.token_bytes(32), referral=referral or b"",
            policy_index=self.welcome.policy_index, actor="RAW-01",
            made_ms=int(time.time() * 1000), **body)

    def envelope(self, statement, kind="command", signer=None):
        signer = signer or self.sign
        kind = TYPE.format(kind)
        body = statement.SerializeToString()
        pae = b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(body),
                                       body)
        public = signer.public_key().public_bytes(
            serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return self.p.Envelope(type=kind, body=body,
                               key_id=hashlib.sha256(public).digest()[:8],
                               signature=signer.sign(pae))

    def command(self, step, referral=None, number=None, parts=(), bend=None,
                bend_envelope=None, signer=None, content=None, **fields):
        """Send one command.  ${bend} may change the statement, and
        ${bend_envelope} what was signed."""
        number = number or self.number + 1
        body = self.p.Command(event=getattr(self.p, step), **fields)
        body.parts.extend(part for part, _ in parts)
        for at, (_, piece) in enumerate(parts):
            piece.part = at
        st = self.statement(number, referral, command=body)
        if bend is not None:
            bend(st)
        env = self.envelope(st, signer=signer)
        if bend_envelope is not None:
            bend_envelope(env)
        header = self.p.ToBroker(version=1, submit=self.p.Submit(
            envelope=env.SerializeToString())).SerializeToString()
        if content is None and parts:
            content = self.p.Content(
                pieces=[piece for _, piece in parts]).SerializeToString()
        frames = [header] + ([content] if content is not None else [])
        self.sock.send_multipart(frames)
        return Message(step, number, referral, frames)

    def send_again(self, message):
        self.sock.send_multipart(message.frames)

    def outcome(self, message, again=False, patience=20.0):
        """The receipt or refusal of a command; counts what was consumed."""
        body = self.until(("receipt", "refusal"), lambda m: not m.lane or (
            m.lane == self.lane and m.number == message.number), patience)
        if body is None:
            raise Trouble(f"geen antwoord op {message.step}")
        if not again:
            self.outcomes[message.number] = body
            if body.HasField("record") and message.number == self.number + 1:
                self.number += 1
        return body

    def do(self, step, referral=None, **more):
        return self.outcome(self.command(step, referral, **more))

    def say(self, kind, referral=None, **body):
        """Any other kind of statement, and what became of it."""
        number = self.number + 1
        env = self.envelope(self.statement(number, referral, **body), kind)
        header = self.p.ToBroker(version=1, submit=self.p.Submit(
            envelope=env.SerializeToString())).SerializeToString()
        self.sock.send_multipart([header])
        return self.outcome(Message(kind, number, referral, [header]))

    # --- a whole signal --------------------------------------------------------------

    def seal_key(self, partner):
        return SealKey(self.net.path("partners", partner, "keys", "seal.key"))

    def part(self, kind, referral, body, to):
        nonce = secrets.token_bytes(16)
        name = self.p.PartKind.Name(kind).lower()
        h = referral.hex()
        text = "-".join((h[:8], h[8:12], h[12:16], h[16:20], h[20:]))
        aad = "|".join(("keten1", self.origin, self.partner, text, name,
                        nonce.hex()))
        return seal(self.p, kind, body, aad, nonce,
                    [self.seal_key(t) for t in to])

    def header(self, **more):
        header = dict(code="SIG-101", area="WK085501", area_year=2025,
                      urgency=self.p.NORMAL, basis="G-TOE",
                      discussed=self.p.AGREES)
        header.update(more)
        return self.p.Header(**header)

    def parts(self, referral, note_for=("lwdb-noord", "gemeente-r",
                                        "welzijn-w"),
              person_for=("lwdb-noord", "gemeente-r")):
        return [self.part(self.p.NOTE, referral, b'{"text":"Gordijnen dicht."}',
                          note_for),
                self.part(self.p.PERSON, referral,
                          b'{"name":"Petronella Testmans"}', person_for)]

    def submit(self, number=None, bend=None, parts=None, content=None,
               **header):
        """Send a SUBMIT with a note and a person part."""
        referral = new_referral()
        return self.command("SUBMIT", referral, number=number, bend=bend,
                            header=self.header(**header), content=content,
                            parts=self.parts(referral)
                            if parts is None else parts)

    # --- questions -------------------------------------------------------------------

    def query(self, patience=20.0, **which):
        number = secrets.randbelow(1 << 60) + 1
        self.send(query=self.p.Query(id=number, **which))
        return self.until(
            ("answer", "refusal"), lambda m: number == (
                m.id if hasattr(m, "id") else m.query_id), patience)

    def state(self, referral):
        """What this partner may know of a referral now."""
        if isinstance(referral, str):
            referral = bytes.fromhex(re.sub("-", "", referral))
        answer = self.query(referral=self.p.ReferralQuery(referral=referral))
        if answer is None or not hasattr(answer, "referrals"):
            raise Trouble(f"geen antwoord: {answer}")
        view = answer.referrals.referrals[0]
        state = self.p.ReferralState()
        state.ParseFromString(view.state)
        return state
