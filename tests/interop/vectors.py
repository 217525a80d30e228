#!/usr/bin/python3
"""Test vectors that any language can read: section 26 of PROTOCOL.md.

    tests/interop/vectors.py            check those in tests/vectors
    tests/interop/vectors.py --write    make them again

They are made and checked by the Python of this folder, and checked by the C of
the project (tests/unit/t_vectors.c): two readers of one document.
"""

import base64
import json
import os
import struct
import sys

sys.dont_write_bytecode = True

from cryptography.hazmat.primitives.asymmetric import ed25519
from jwcrypto import jwk

import civil
import sealing
import strict
import trust
from protos import TOP, Protos
from trust import Broken, need, sha

FOLDER = os.path.join(TOP, "tests", "vectors")
ORIGIN = "keten.example/noord"
REFERRAL = bytes.fromhex("01890a5dac96774bbcceb302099a8057")


def seed(n):
    return sha(b"keten vector seed %d" % n)


def key_of(n):
    return ed25519.Ed25519PrivateKey.from_private_bytes(seed(n))


def load(name):
    with open(os.path.join(FOLDER, name), encoding="utf-8") as f:
        return json.load(f)


def rejects(function, *args):
    try:
        function(*args)
    except Broken:
        return True
    return False


# --- signed.json -------------------------------------------------------------

def make_signed(p):
    bodies = [b"", b"\x08\x01", b"hallo", bytes(range(256)), b"x" * 1000]
    kinds = ["ack", "command", "rewrap", "key", "policy"]
    single, batch = [], []
    for n, (kind, body) in enumerate(zip(kinds, bodies)):
        key = key_of(n)
        message = trust.pae((trust.TYPE % kind).encode(), body)
        single.append({
            "seed": seed(n).hex(), "public": trust.raw_public(key).hex(),
            "key_id": trust.key_id(trust.raw_public(key)).hex(),
            "kind": kind, "body": body.hex(), "pae": message.hex(),
            "signature": key.sign(message).hex()})
    for size in (1, 2, 3, 7):
        rows = [("command", b"statement %d of %d" % (i, size))
                for i in range(size)]
        made = [p.Envelope.FromString(e)
                for e in trust.sign_batch(p, key_of(9), rows)]
        batch.append({
            "seed": seed(9).hex(),
            "public": trust.raw_public(key_of(9)).hex(), "kind": "command",
            "n": size, "root": made[0].batch.root.hex(),
            "signature": made[0].signature.hex(),
            "statements": [{"at": e.batch.at, "body": e.body.hex(),
                            "path": [h.hex() for h in e.batch.path],
                            "envelope": e.SerializeToString().hex()}
                           for e in made]})
    return {"single": single, "batch": batch}


def check_signed(p, v):
    for row in v["single"]:
        public = bytes.fromhex(row["public"])
        body = bytes.fromhex(row["body"])
        kind = (trust.TYPE % row["kind"]).encode()
        need(trust.pae(kind, body).hex() == row["pae"], "PAE")
        need(trust.key_id(public).hex() == row["key_id"], "key id")
        signature = bytes.fromhex(row["signature"])
        trust.verify(public, signature, bytes.fromhex(row["pae"]))
        need(rejects(trust.verify, public, signature,
                     trust.pae(kind, body + b"\0")), "another body")
    for row in v["batch"]:
        public = bytes.fromhex(row["public"])
        for s in row["statements"]:
            env = p.Envelope.FromString(bytes.fromhex(s["envelope"]))
            trust.check_envelope(env, public)
            need(env.batch.at == s["at"] and env.body.hex() == s["body"]
                 and [h.hex() for h in env.batch.path] == s["path"], "path")
            env.body += b"!"
            need(rejects(trust.check_envelope, env, public), "another body")
    return len(v["single"]) + len(v["batch"])


# --- records.json ------------------------------------------------------------

def make_records(_):
    records, before, running = [], bytes(32), []
    for n, (envelope, facts, route) in enumerate((
            (b"", b"", b""), (b"envelope", b"facts", b"route"),
            (b"", b"\x08\x07", b""), (b"e" * 500, b"f" * 300, b"r" * 200))):
        salt = sha(b"salt %d" % n)
        record = trust.record_hash(salt, sha(envelope), facts, sha(route))
        leaf = trust.make_leaf(n % 6 + 1, 1763800000000 + n, record)
        records.append({
            "kind": n % 6 + 1, "time_ms": 1763800000000 + n,
            "salt": salt.hex(), "envelope": envelope.hex(),
            "facts": facts.hex(), "route_facts": route.hex(),
            "record_hash": record.hex(), "leaf": leaf.hex(),
            "leaf_hash": trust.leaf_hash(leaf).hex()})
        before = trust.running_hash(before, n + 1, trust.leaf_hash(leaf))
        running.append({"seq": n + 1, "running_hash": before.hex()})
    good = bytes.fromhex(records[0]["leaf"])
    clear = bytes.fromhex("01000200010000000000000005" "00000003")
    erase = trust.make_leaf(7, 1763800000009, sha(b"erase"), clear)
    bad = {"short": good[:47], "long": good + b"\0",
           "another magic": b"KTN2" + good[4:],
           "kind 0": good[:4] + b"\0" + good[5:],
           "kind 12": good[:4] + b"\x0c" + good[5:],
           "an unknown flag": good[:5] + b"\2" + good[6:],
           "a clear body that is not announced": good + clear,
           "ERASE without a clear body": good[:4] + b"\7" + good[5:]}
    key = sealing.SealKey(jwk.JWK(**load("sealed.json")["key"]))
    return {
        "records": records, "running": running,
        "erase": {"leaf": erase.hex(), "clear": clear.hex(), "level": 1,
                  "rule": 2, "ranges": [[5, 3]]},
        "bad_leaves": [{"why": w, "leaf": b.hex()} for w, b in bad.items()],
        "offers": [{"blind": sha(w.encode())[:16].hex(), "partner": w,
                    "commit": trust.offer_commit(sha(w.encode())[:16],
                                                 w).hex()}
                   for w in ("welzijn-w", "thuiszorg-t")],
        "sealing_keys": [{"x": key.x.hex(), "y": key.y.hex(),
                          "key_id": key.id}],
        "aads": [{"origin": ORIGIN, "from": "lwdb-noord",
                  "referral": REFERRAL.hex(),
                  "part": sealing.NAMES[kind], "nonce": sha(b"%d" % kind)
                  [:16].hex(), "aad": sealing.make_aad(
                      ORIGIN, "lwdb-noord", REFERRAL, kind,
                      sha(b"%d" % kind)[:16])} for kind in (1, 2, 3)]}


def check_records(_, v):
    before = bytes(32)
    for row, run in zip(v["records"], v["running"]):
        raw = {k: bytes.fromhex(row[k]) for k in (
            "salt", "envelope", "facts", "route_facts", "leaf")}
        kind, ms, record, clear = trust.read_leaf(raw["leaf"])
        need((kind, ms, clear) == (row["kind"], row["time_ms"], b""), "leaf")
        need(record.hex() == row["record_hash"] == trust.record_hash(
            raw["salt"], sha(raw["envelope"]), raw["facts"],
            sha(raw["route_facts"])).hex(), "record hash")
        leaf = trust.leaf_hash(raw["leaf"])
        need(leaf.hex() == row["leaf_hash"], "leaf hash")
        before = trust.running_hash(before, run["seq"], leaf)
        need(before.hex() == run["running_hash"], "running hash")
    clear = trust.read_leaf(bytes.fromhex(v["erase"]["leaf"]))[3]
    need(struct.unpack(">BHHQI", clear) == (1, 2, 1, 5, 3), "ERASE")
    for row in v["bad_leaves"]:
        need(rejects(trust.read_leaf, bytes.fromhex(row["leaf"])), row["why"])
    for row in v["offers"]:
        need(trust.offer_commit(bytes.fromhex(row["blind"]),
                                row["partner"]).hex() == row["commit"],
             "offer commitment")
    for row in v["sealing_keys"]:
        need(sealing.key_id(bytes.fromhex(row["x"]), bytes.fromhex(row["y"]))
             == row["key_id"], "sealing key id")
    for row in v["aads"]:
        kind = {n: k for k, n in sealing.NAMES.items()}[row["part"]]
        need(sealing.make_aad(row["origin"], row["from"],
                              bytes.fromhex(row["referral"]), kind,
                              bytes.fromhex(row["nonce"])) == row["aad"],
             "aad")
    return len(v["records"]) + len(v["bad_leaves"])


# --- tree.json ---------------------------------------------------------------

def note_of(size, root, key, origin=ORIGIN):
    text = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"
    public = b"\1" + trust.raw_public(key)
    ident = sha(origin.encode(), b"\n", public)[:4]
    value = base64.b64encode(ident + key.sign(text.encode())).decode()
    vkey = f"{origin}+{ident.hex()}+{base64.b64encode(public).decode()}"
    return text + f"\n\u2014 {origin} {value}\n", vkey


def make_tree(_):
    leaves = [b"leaf %d" % i for i in range(8)]
    hashes = [trust.leaf_hash(x) for x in leaves]
    note, vkey = note_of(8, trust.tree_root(hashes), key_of(20))
    text, signature = note.split("\n\n")
    lines = text.split("\n")
    bad = {
        "CRLF": note.replace("\n", "\r\n"),
        "a leading zero": note.replace("\n8\n", "\n08\n"),
        "an extension line": text + "\nmore\n\n" + signature,
        "a root without padding": note.replace(lines[2], lines[2][:-1]),
        "another size": note.replace("\n8\n", "\n7\n"),
        "another origin": note_of(8, trust.tree_root(hashes), key_of(20),
                                  "keten.example/zuid")[0],
        "another key": note_of(8, trust.tree_root(hashes), key_of(21))[0],
        "no signature": text + "\n\n",
        "no newline at the end": note[:-1]}
    return {
        "leaves": [x.hex() for x in leaves],
        "roots": [trust.tree_root(hashes[:n]).hex() for n in range(9)],
        "inclusion": [{"index": i, "size": n, "path": [
            h.hex() for h in trust.inclusion(hashes[:n], i)]}
            for n in range(1, 9) for i in range(n)],
        "consistency": [{"from": m, "to": n, "proof": [
            h.hex() for h in trust.consistency(hashes[:n], m)]}
            for n in range(1, 9) for m in range(1, n + 1)],
        "checkpoint": {"vkey": vkey, "note": note, "size": 8,
                       "root": trust.tree_root(hashes).hex()},
        "bad_notes": [{"why": w, "note": n} for w, n in bad.items()]}


def check_tree(_, v):
    hashes = [trust.leaf_hash(bytes.fromhex(x)) for x in v["leaves"]]
    roots = [bytes.fromhex(r) for r in v["roots"]]
    for n, root in enumerate(roots):
        need(trust.tree_root(hashes[:n]) == root, "root")
    for row in v["inclusion"]:
        path = [bytes.fromhex(h) for h in row["path"]]
        args = [row["index"], row["size"], hashes[row["index"]], path,
                roots[row["size"]]]
        trust.check_inclusion(*args)
        for bad in (path + [bytes(32)], path[:-1]):
            need(bad == path or rejects(trust.check_inclusion, *args[:3],
                                        bad, args[4]), "another path")
    for row in v["consistency"]:
        proof = [bytes.fromhex(h) for h in row["proof"]]
        m, n = row["from"], row["to"]
        trust.check_consistency(m, n, roots[m], roots[n], proof)
        need(rejects(trust.check_consistency, m, n, roots[m], roots[n],
                     proof + [bytes(32)]), "another proof")
    log = trust.LogKey(v["checkpoint"]["vkey"])
    need(trust.check_note(v["checkpoint"]["note"], log) == (
        v["checkpoint"]["size"], bytes.fromhex(v["checkpoint"]["root"])),
        "checkpoint")
    for row in v["bad_notes"]:
        need(rejects(trust.check_note, row["note"], log), row["why"])
    return len(v["inclusion"]) + len(v["consistency"]) + len(v["bad_notes"])


# --- witness.json --------------------------------------------------------------

WITNESS = "getuige.example/w1"
SEEN_AT = 1763800000


def witness_vkey(name, key):
    public = b"\4" + trust.raw_public(key)
    ident = sha(name.encode(), b"\n", public)[:4]
    return ident, f"{name}+{ident.hex()}+{base64.b64encode(public).decode()}"


def cosign(note, name, key, at):
    """The line of a cosignature/v1."""
    text = note.partition("\n\n")[0] + "\n"
    message = f"cosignature/v1\ntime {at}\n{text}".encode()
    ident, _ = witness_vkey(name, key)
    value = ident + struct.pack(">Q", at) + key.sign(message)
    return f"\u2014 {name} {base64.b64encode(value).decode()}\n"


def b64(raw):
    return base64.b64encode(raw).decode()


def make_witness(_):
    leaves = [b"leaf %d" % i for i in range(8)]
    hashes = [trust.leaf_hash(x) for x in leaves]
    log, new, key = key_of(20), key_of(22), key_of(23)
    note, vkey = note_of(8, trust.tree_root(hashes), log)
    line = cosign(note, WITNESS, key, SEEN_AT)
    other = cosign(note_of(7, trust.tree_root(hashes[:7]), log)[0], WITNESS,
                   key, SEEN_AT)
    second, new_vkey = note_of(8, trust.tree_root(hashes), new)
    path = "".join(b64(h) + "\n" for h in trust.inclusion(hashes, 5))
    proof = "".join(b64(h) + "\n" for h in trust.consistency(hashes, 3))
    late = base64.b64decode(line.split(" ")[2])
    late = late[:4] + struct.pack(">Q", SEEN_AT + 1) + late[12:]
    return {
        "vkey": vkey, "witness": witness_vkey(WITNESS, key)[1],
        "time": SEEN_AT, "cosigned": note + line,
        "bad": [{"why": w, "note": n} for w, n in (
            ("another time", note + f"\u2014 {WITNESS} {b64(late)}\n"),
            ("of another checkpoint", note + other),
            ("of another witness", note + cosign(note, WITNESS, new, SEEN_AT)),
            ("none", note))],
        "two_keys": {"note": note + second.partition("\n\n")[2],
                     "new": new_vkey},
        "proof": {"index": 5, "leaf": leaves[5].hex(),
                  "text": "c2sp.org/tlog-proof@v1\nextra "
                          + b64(leaves[5]) + "\nindex 5\n" + path + "\n"
                          + note + line},
        "request": {"old": 3, "root": trust.tree_root(hashes[:3]).hex(),
                    "text": f"old 3\n{proof}\n{note}"}}


def check_witness(_, v):
    log = trust.LogKey(v["vkey"])
    name, _, rest = v["witness"].partition("+")
    public = base64.b64decode(rest.partition("+")[2])
    need(public[0] == 4, "the key of a witness")

    def seen(note):
        trust.check_note(note, log)
        text, _, lines = note.partition("\n\n")
        for line in lines.splitlines():
            _, who, value = line.split(" ")
            raw = base64.b64decode(value)
            if who == name and raw[:4] == sha(name.encode(), b"\n",
                                              public)[:4]:
                at, = struct.unpack(">Q", raw[4:12])
                trust.verify(public[1:], raw[12:], (
                    f"cosignature/v1\ntime {at}\n{text}\n").encode())
                return at
        raise Broken("nobody cosigned it")
    need(seen(v["cosigned"]) == v["time"], "another time")
    for row in v["bad"]:
        need(rejects(seen, row["note"]), row["why"])
    for key in (v["vkey"], v["two_keys"]["new"]):
        trust.check_note(v["two_keys"]["note"], trust.LogKey(key))
    size, root = trust.check_note(v["cosigned"], log)
    head, _, note = v["proof"]["text"].partition("\n\n")
    path = [base64.b64decode(h) for h in head.split("\n")[3:]]
    need(note == v["cosigned"], "the checkpoint of the proof")
    trust.check_inclusion(v["proof"]["index"], size, trust.leaf_hash(
        bytes.fromhex(v["proof"]["leaf"])), path, root)
    head = v["request"]["text"].partition("\n\n")[0]
    trust.check_consistency(
        v["request"]["old"], size, bytes.fromhex(v["request"]["root"]), root,
        [base64.b64decode(h) for h in head.split("\n")[1:]])
    return 4 + len(v["bad"])


# --- statements.json ---------------------------------------------------------

def statement(p, **more):
    fields = dict(
        version=1, origin=ORIGIN, partner="lwdb-noord", device="adapter",
        lane=b"lane-id8", number=1, nonce=sha(b"nonce"), referral=REFERRAL,
        policy_index=1, actor="WIJK-07", made_ms=1763800000000)
    fields.update(more)
    return p.Statement(**fields)


def submit(p, **more):
    header = dict(code="SIG-101", area="WK085501", area_year=2025,
                  urgency=p.NORMAL, basis="G-TOE", discussed=p.AGREES)
    header.update(more)
    return p.Command(event=p.SUBMIT, header=p.Header(**header), parts=[
        p.Part(kind=kind, sha256=sha(b"%d" % kind), length=3072,
               plain_commit=sha(b"c%d" % kind), nonce=b"0123456789abcdef",
               wrapped_for=["9c1e67f2a3b4d5e6"]) for kind in (1, 2)])


def make_statements(p):
    """(kind, what, bytes, whether a strict reader takes the bytes)."""
    def row(kind, what, message, well_read=True, well_made=True, more=b""):
        raw = message if isinstance(message, bytes) else \
            message.SerializeToString()
        rows.append({"kind": kind, "what": what, "body": (raw + more).hex(),
                     "well_read": well_read,
                     "well_made": well_read and well_made})
    rows = []
    accept = p.Command(event=p.ACCEPT, offer=1)
    good = statement(p, command=accept)
    row("command", "SUBMIT", statement(p, command=submit(p)))
    row("command", "ACCEPT", good)
    row("command", "a checkpoint seen", statement(
        p, command=accept, seen_size=9, seen_root=sha(b"r"),
        seen_leaf=sha(b"l")))
    row("command", "HAND_OVER", statement(p, command=p.Command(
        event=p.HAND_OVER, seen_version=3, to="zorg-z", reason="RED-04")))
    row("rewrap", "REWRAP", statement(p, rewrap=p.Rewrap(
        to="welzijn-w", key_id="9c1e67f2a3b4d5e6", because=7, parts=[
            p.RewrapPart(index=3, part=1, sha256=sha(b"1"),
                         plain_commit=sha(b"2"))])))
    row("unreadable", "a part that does not open", statement(
        p, unreadable=p.Unreadable(index=3, part=1, why=p.WRAP_FAILED)))
    row("catalogue", "an entry, with a packed list", statement(
        p, referral=b"", catalogue=p.CatalogueEntry(
            service="DST-101", status="active", capacity=p.HAS,
            urgencies=[p.LOW, p.NORMAL])))
    entry = dict(
        service="DST-403", name="De Huiskamer (55+)", status="closed",
        capacity=p.WAITING_LIST, capacity_ms=1763700000000,
        areas=["WK085501", "BU08550203"], age_from=55, age_until=99,
        cost_cents=350, unit="per keer", bases=["G-TOE"],
        hours=["di 09:00-12:00", "do 13:00-16:00"], conditions=["HUURDER"],
        urgencies=[p.LOW], checked_ms=1763800000000, checked_by="LOKET-1")
    row("catalogue", "an entry with everything", statement(
        p, referral=b"", catalogue=p.CatalogueEntry(**entry)))
    row("missing", "a service that nobody offers", statement(
        p, referral=b"", missing=p.Missing(
            code="DST-205", area="WK085503", area_year=2025)))

    row("command", "an unknown field", good, False, more=b"\xa8\x06\x01")
    row("command", "a field twice", good, False, more=b"\x30\x01")
    row("command", "two members of one oneof", statement(
        p, command=accept), False, more=b"\xb2\x01\x00")
    row("command", "cut off", good.SerializeToString()[:-1], False)
    row("command", "an enum value of no list", statement(
        p, command=submit(p)).SerializeToString().replace(
            b"\x20\x02\x2a\x05G-TOE", b"\x20\x09\x2a\x05G-TOE"), False)
    row("command", "an enum value 0 on the wire", statement(
        p, command=submit(p)).SerializeToString().replace(
            b"\x20\x02\x2a\x05G-TOE", b"\x20\x00\x2a\x05G-TOE"), False)
    row("command", "text that is not UTF-8", good.SerializeToString(
        ).replace(b"WIJK-07", b"WIJK-\xff7"), False)
    row("command", "NUL in a text", good.SerializeToString().replace(
        b"WIJK-07", b"WIJK-\x007"), False)
    row("command", "a number longer than needed",
        b"\x08\x81\x00" + good.SerializeToString()[2:], False)

    def ill(what, kind="command", **more):
        more.setdefault("command", accept)
        row(kind, what, statement(p, **more), True, False)
    ill("version 2", version=2)
    ill("an origin with a space", origin="keten noord")
    ill("a partner in capitals", partner="LWDB")
    ill("a lane of 7 bytes", lane=b"lane-id")
    ill("number 0", number=0)
    ill("a nonce of 31 bytes", nonce=bytes(31))
    ill("a referral that is no UUIDv7", referral=bytes(16))
    ill("no referral", referral=b"")
    ill("a size without a root", seen_size=9)
    ill("an actor in small letters", actor="wijk-07")
    ill("no event", command=p.Command(offer=1))
    ill("SUBMIT without a header", command=p.Command(event=p.SUBMIT))
    ill("a header with ACCEPT", command=p.Command(
        event=p.ACCEPT, offer=1, header=submit(p).header))
    ill("HAND_OVER to nobody", command=p.Command(event=p.HAND_OVER))
    ill("RAISE_URGENCY without one", command=p.Command(
        event=p.RAISE_URGENCY))
    ill("free text as a reason", command=p.Command(
        event=p.GIVE_UP, reason="geen tijd meer"))
    ill("another kind than its type says", kind="rewrap")

    def ill_entry(what, **more):
        row("catalogue", what, statement(
            p, referral=b"", catalogue=p.CatalogueEntry(
                **{**entry, **more})), True, False)
    ill_entry("an entry that is neither active, closed nor withdrawn",
              status="vol")
    ill_entry("a mail address in a name", name="m.jansen@voorbeeld.nl")
    ill_entry("seven digits in a name", name="bel 555 1234")
    ill_entry("hours that overlap", hours=["di 09:00-12:00",
                                           "ma-vr 08:30-17:00"])
    ill_entry("an age from beyond the age until", age_from=100)
    ill_entry("somebody's name", checked_by="Jan Jansen")
    row("missing", "a referral that is missing something", statement(
        p, missing=p.Missing(code="DST-205", area="WK085503")), True, False)
    row("missing", "an area that is none", statement(
        p, referral=b"", missing=p.Missing(code="DST-205", area="overal")),
        True, False)
    bad = submit(p)
    bad.parts[0].length = 4096
    ill("a length that is none of the four", command=bad)
    return {"statements": rows}


def check_statements(p, v):
    for row in v["statements"]:
        raw = bytes.fromhex(row["body"])
        if not row["well_read"]:
            need(rejects(strict.read, p.Statement, raw), row["what"])
            continue
        st = strict.read(p.Statement, raw)
        need(st.SerializeToString() == raw, row["what"])
        if row["well_made"]:
            need(st.WhichOneof("body") == row["kind"], row["what"])
    return len(v["statements"])


# --- sealed.json: made once, kept --------------------------------------------

def check_sealed(p, v):
    key = sealing.SealKey(jwk.JWK(**v["key"]))
    form = v["jwe"]
    own = [r for r in form["recipients"]
           if r["header"].get("kid", key.id) == key.id]
    sealed = p.Sealed(
        protected_header=sealing.unb64u(form["protected"]), aad=v["aad"],
        iv=sealing.unb64u(form["iv"]),
        ciphertext=sealing.unb64u(form["ciphertext"]),
        tag=sealing.unb64u(form["tag"])).SerializeToString()
    opened = 0
    for r in own:
        epk = r["header"]["epk"]
        wrap = p.Wrap(key_id=key.id, epk_x=sealing.unb64u(epk["x"]),
                      epk_y=sealing.unb64u(epk["y"]),
                      encrypted_key=sealing.unb64u(r["encrypted_key"]))
        commit = bytes.fromhex(v["plain_commit"])
        try:
            body = sealing.unseal(p, sealed, wrap, key, v["aad"], commit)
        except Broken:
            continue            # the other recipient's
        opened += 1
        need(body.decode() == v["body"], "another body")
        for bad in (v["aad"] + "x", v["aad"].replace("person", "note")):
            need(rejects(sealing.unseal, p, sealed, wrap, key, bad, commit),
                 "another aad")
        need(rejects(sealing.unseal, p, sealed, wrap, key, v["aad"],
                     bytes(32)), "another commitment")
    need(opened == 1, "our wrap opens it")
    return opened


VECTORS = {"signed.json": (make_signed, check_signed),
           "records.json": (make_records, check_records),
           "tree.json": (make_tree, check_tree),
           "witness.json": (make_witness, check_witness),
           "statements.json": (make_statements, check_statements),
           "areas.json": (civil.make_areas, civil.check_areas),
           "calendar.json": (civil.make_calendar, civil.check_calendar),
           "sealed.json": (None, check_sealed)}


def check(p):
    """Check all of them; return how many."""
    return sum(judge(p, load(name)) for name, (_, judge) in VECTORS.items())


def write(p):
    for name, (make, _) in VECTORS.items():
        if make is not None:
            with open(os.path.join(FOLDER, name), "w",
                      encoding="utf-8") as f:
                json.dump(make(p), f, indent=1, ensure_ascii=False)
                f.write("\n")


def main():
    p = Protos()
    if "--write" in sys.argv[1:]:
        write(p)
    print(check(p), "vectors hold")
    return 0


if __name__ == "__main__":
    sys.exit(main())
