"""Signatures, leaves, trees and checkpoints: sections 7, 18 and 19.

Nothing here talks to anybody; whatever does not hold raises Broken.
"""

import base64
import hashlib
import struct

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import (Encoding,
                                                          PublicFormat)

TYPE = "application/vnd.keten.%s.v1+protobuf"
BATCH_TYPE = b"application/vnd.keten.batch.v1"
KINDS = {1: "COMMAND", 2: "REFUSED", 3: "CLOCK", 4: "DELIVERED", 5: "REWRAP",
         6: "KEY", 7: "ERASE", 8: "POLICY", 9: "TICK", 10: "ACCESS"}


class Broken(Exception):
    """Something is not what was signed, or not in the log."""


def need(holds, what):
    if not holds:
        raise Broken(what)


def sha(*parts):
    h = hashlib.sha256()
    for part in parts:
        h.update(part)
    return h.digest()


# --- DSSE --------------------------------------------------------------------

def pae(kind, body):
    """The pre-authentication encoding; ${kind} is a whole payload type."""
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(body), body)


def raw_public(private):
    return private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def key_id(public):
    return sha(public)[:8]


def verify(public, signature, message):
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(public).verify(
            signature, message)
    except (InvalidSignature, ValueError):
        raise Broken("the signature is wrong") from None


def sign(p, private, kind, body):
    """A serialised Envelope around ${body}."""
    kind = TYPE % kind
    return p.Envelope(type=kind, body=body, key_id=key_id(raw_public(private)),
                      signature=private.sign(pae(kind.encode(), body))
                      ).SerializeToString()


def sign_batch(p, private, kinds_and_bodies):
    """Envelopes under one signature."""
    kinds = [TYPE % k for k, _ in kinds_and_bodies]
    leaves = [sha(b"\0", sha(pae(k.encode(), b)))
              for k, (_, b) in zip(kinds, kinds_and_bodies)]
    root = tree_root(leaves)
    signature = private.sign(
        pae(BATCH_TYPE, root + struct.pack(">Q", len(leaves))))
    return [p.Envelope(
        type=k, body=b, key_id=key_id(raw_public(private)),
        signature=signature, batch=p.Batch(
            root=root, n=len(leaves), at=at,
            path=inclusion(leaves, at))).SerializeToString()
        for at, (k, (_, b)) in enumerate(zip(kinds, kinds_and_bodies))]


def check_envelope(env, public):
    """Is it signed with ${public}, alone or in a batch?"""
    need(env.key_id == key_id(public), "signed with another key")
    message = pae(env.type.encode(), env.body)
    if not env.HasField("batch"):
        return verify(public, env.signature, message)
    b = env.batch
    need(1 <= b.n <= 65536 and b.at < b.n, "a place outside the batch")
    check_inclusion(b.at, b.n, sha(b"\0", sha(message)), b.path, b.root)
    return verify(public, env.signature,
                  pae(BATCH_TYPE, b.root + struct.pack(">Q", b.n)))


# --- leaves ------------------------------------------------------------------

def record_hash(salt, envelope_hash, facts, route_hash):
    return sha(b"keten1/record\0", salt, envelope_hash,
               sha(sha(facts), route_hash))


def make_leaf(kind, time_ms, record, clear=b""):
    return struct.pack(">4sBBHQ", b"KTN1", kind, 1 if clear else 0,
                       len(clear), time_ms) + record + clear


def read_leaf(leaf):
    """(kind, time, record hash, clear body)."""
    need(len(leaf) >= 48, "a leaf has 48 bytes")
    magic, kind, flags, n, ms = struct.unpack(">4sBBHQ", leaf[:16])
    need(magic == b"KTN1" and kind in KINDS and len(leaf) == 48 + n
         and flags == (1 if kind == 7 else 0) and (n > 0) == (kind == 7),
         "not a leaf")
    return kind, ms, leaf[16:48], leaf[48:]


def leaf_hash(leaf):
    return sha(b"\0", leaf)


def running_hash(before, seq, leaf):
    return sha(before, struct.pack(">Q", seq), leaf)


def offer_commit(blind, partner):
    return sha(b"keten1/offer\0", blind, partner.encode())


# --- trees -------------------------------------------------------------------

def node(left, right):
    return sha(b"\1", left, right)


def split(n):
    """The largest power of two below ${n}."""
    return 1 << (n - 1).bit_length() - 1


def tree_root(hashes):
    n = len(hashes)
    if n == 0:
        return sha(b"")
    if n == 1:
        return hashes[0]
    k = split(n)
    return node(tree_root(hashes[:k]), tree_root(hashes[k:]))


def inclusion(hashes, at):
    n = len(hashes)
    if n == 1:
        return []
    k = split(n)
    if at < k:
        return inclusion(hashes[:k], at) + [tree_root(hashes[k:])]
    return inclusion(hashes[k:], at - k) + [tree_root(hashes[:k])]


def consistency(hashes, old, whole=True):
    n = len(hashes)
    if old == n:
        return [] if whole else [tree_root(hashes)]
    k = split(n)
    if old <= k:
        return consistency(hashes[:k], old, whole) + [tree_root(hashes[k:])]
    return consistency(hashes[k:], old - k, False) + [tree_root(hashes[:k])]


def check_inclusion(index, size, leaf, path, root):
    """RFC 9162, 2.1.3.2."""
    need(index < size, "an index outside the tree")
    fn, sn, r = index, size - 1, leaf
    for p in path:
        need(sn > 0 and len(p) == 32, "the path is too long")
        if fn & 1 or fn == sn:
            r = node(p, r)
            while fn & 1 == 0 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node(r, p)
        fn, sn = fn >> 1, sn >> 1
    need(sn == 0 and r == root, "the path does not lead to the root")


def check_consistency(old, new, old_root, new_root, proof):
    """RFC 9162, 2.1.4.2."""
    need(0 < old <= new, "sizes that do not rise")
    if old == new:
        need(not proof and old_root == new_root, "two trees of one size")
        return
    proof = list(proof)
    if old & old - 1 == 0:
        proof.insert(0, old_root)
    need(proof, "the proof is empty")
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = proof[0]
    for c in proof[1:]:
        need(sn > 0, "the proof is too long")
        if fn & 1 or fn == sn:
            fr, sr = node(c, fr), node(c, sr)
            while fn & 1 == 0 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node(sr, c)
        fn, sn = fn >> 1, sn >> 1
    need(sn == 0 and fr == old_root and sr == new_root,
         "the new tree does not begin with the old one")


# --- checkpoints -------------------------------------------------------------

class LogKey:
    """A vkey: name+hex id+base64(type || key)."""

    def __init__(self, vkey):
        name, ident, key = vkey.strip().split("+", 2)
        raw = base64.b64decode(key, validate=True)
        need(len(raw) == 33 and raw[0] == 1, "not an Ed25519 vkey")
        self.name = name
        self.public = raw[1:]
        self.id = sha(name.encode(), b"\n", raw)[:4]
        need(self.id.hex() == ident, "the vkey has another id")


def check_note(note, log):
    """(size, root) of a checkpoint that ${log} signed."""
    text, blank, signatures = note.partition("\n\n")
    lines = text.split("\n")
    need(blank and len(lines) == 3 and "\r" not in note
         and signatures.endswith("\n"), "not a checkpoint")
    origin, size, root = lines
    need(origin == log.name, "a checkpoint of another log")
    need(size.isascii() and size.isdigit() and str(int(size)) == size,
         "a size that is not one")
    try:
        root = base64.b64decode(root, validate=True)
    except ValueError:
        raise Broken("a root that is not base64") from None
    need(len(root) == 32 and lines[2] == base64.b64encode(root).decode(),
         "a root of 32 bytes in base64")
    found = False
    for line in signatures[:-1].split("\n"):
        dash, name, value = (line.split(" ") + ["", ""])[:3]
        need(dash == "\u2014" and line.count(" ") == 2, "a bad signature line")
        try:
            value = base64.b64decode(value, validate=True)
        except ValueError:
            raise Broken("a signature that is not base64") from None
        if name == log.name and value[:4] == log.id:
            verify(log.public, value[4:], (text + "\n").encode())
            found = True
    need(found, "not signed by the log")
    return int(size), root
