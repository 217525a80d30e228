"""Sealed parts with jwcrypto, an ordinary JOSE library: section 16."""

import base64
import json
import secrets
import struct

from jwcrypto import jwe, jwk
from jwcrypto.common import JWException

from trust import Broken, need, sha

PROTECTED = '{"enc":"A256GCM","typ":"keten+jwe"}'
ALG = "ECDH-ES+A256KW"
PADDED = (3072, 15360, 64512, 261120)
NAMES = {1: "note", 2: "person", 3: "text"}


def b64u(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64u(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def key_id(x, y):
    return sha(b"\4", x, y)[:8].hex()


class SealKey:
    """A P-256 key; private only for oneself."""

    def __init__(self, key):
        self.jwk = key
        public = json.loads(key.export_public())
        self.x, self.y = unb64u(public["x"]), unb64u(public["y"])
        self.id = key_id(self.x, self.y)

    @classmethod
    def new(cls):
        return cls(jwk.JWK.generate(kty="EC", crv="P-256"))

    @classmethod
    def public(cls, x, y):
        return cls(jwk.JWK(kty="EC", crv="P-256", x=b64u(x), y=b64u(y)))


def referral_text(raw):
    h = raw.hex()
    return "-".join((h[:8], h[8:12], h[12:16], h[16:20], h[20:]))


def make_aad(origin, partner, referral, kind, nonce):
    return "|".join(("keten1", origin, partner, referral_text(referral),
                     NAMES[kind], nonce.hex()))


def commit(plain):
    return sha(b"keten1/part\0", plain)


def pad(body):
    plain = secrets.token_bytes(32) + struct.pack(">I", len(body)) + body
    fits = [n for n in PADDED if n >= len(plain)]
    need(fits, "the body is too long")
    return plain + bytes(fits[0] - len(plain))


def unpad(plain):
    need(len(plain) in PADDED, "a length that is none of the four")
    n = struct.unpack(">I", plain[32:36])[0]
    need(n <= len(plain) - 36 and not any(plain[36 + n:]),
         "the padding is not zeros")
    return plain[36:36 + n]


def recipient_header(key):
    return json.dumps({"alg": ALG, "kid": key.id})


def wraps_of(p, token):
    """The recipients of a JWE in JSON form, as Wraps."""
    form = json.loads(token.serialize())
    for r in form.get("recipients") or [form]:
        epk = r["header"]["epk"]
        yield p.Wrap(key_id=r["header"]["kid"], epk_x=unb64u(epk["x"]),
                     epk_y=unb64u(epk["y"]),
                     encrypted_key=unb64u(r["encrypted_key"]))


def seal(p, kind, body, aad, nonce, keys):
    """(Part, Piece) of ${body} (bytes) for ${keys}."""
    plain = pad(body)
    token = jwe.JWE(plain, protected=PROTECTED, aad=aad)
    for key in keys:
        token.add_recipient(key.jwk, header=recipient_header(key))
    form = json.loads(token.serialize())
    need(unb64u(form["protected"]).decode() == PROTECTED, "another header")
    sealed = p.Sealed(
        protected_header=unb64u(form["protected"]), aad=aad,
        iv=unb64u(form["iv"]), ciphertext=unb64u(form["ciphertext"]),
        tag=unb64u(form["tag"])).SerializeToString()
    wraps = list(wraps_of(p, token))
    return (p.Part(kind=kind, sha256=sha(sealed), length=len(plain),
                   plain_commit=commit(plain), nonce=nonce,
                   wrapped_for=[w.key_id for w in wraps]),
            p.Piece(kind=kind, sealed=sealed, wraps=wraps))


def token_of(sealed, wrap):
    """Sealed and one Wrap as a JWE in JSON form."""
    return json.dumps({
        "protected": b64u(sealed.protected_header),
        "aad": b64u(sealed.aad.encode()), "iv": b64u(sealed.iv),
        "ciphertext": b64u(sealed.ciphertext), "tag": b64u(sealed.tag),
        "recipients": [{"header": {
            "alg": ALG, "kid": wrap.key_id,
            "epk": {"kty": "EC", "crv": "P-256", "x": b64u(wrap.epk_x),
                    "y": b64u(wrap.epk_y)}},
            "encrypted_key": b64u(wrap.encrypted_key)}]})


def decrypt(p, raw, wrap, key, aad, plain_commit):
    """The opened JWE; its aad and commitment are the ones asked for."""
    sealed = p.Sealed.FromString(raw)
    need(sealed.protected_header == PROTECTED.encode(), "another header")
    need(sealed.aad == aad, "sealed for another purpose")
    need(wrap.key_id == key.id, "a wrap for another key")
    token = jwe.JWE()
    try:
        token.deserialize(token_of(sealed, wrap), key=key.jwk)
    except JWException as e:
        raise Broken(f"it does not open: {e}") from None
    need(commit(token.payload) == plain_commit, "not what was committed to")
    return token


def unseal(p, raw, wrap, key, aad, plain_commit):
    """The body of a sealed part."""
    return unpad(decrypt(p, raw, wrap, key, aad, plain_commit).payload)


def rewrap(p, raw, wrap, key, aad, plain_commit, to):
    """A Wrap of the same content key for ${to}."""
    token = decrypt(p, raw, wrap, key, aad, plain_commit)
    token.add_recipient(to.jwk, header=recipient_header(to))
    return [w for w in wraps_of(p, token) if w.key_id == to.id][0]
