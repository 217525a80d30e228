"""A referral as one partner knows it: facts applied, parts kept."""

import sealing
import trust
from trust import need

OPEN = (1, 2)           # OFFER_OPEN, OFFER_SEEN


class Case:
    """Everything this partner has got about one referral."""

    def __init__(self, p, me, referral):
        self.p, self.me, self.referral = p, me, referral
        self.version = 0
        self.header = None
        self.after = None
        self.offers = {}        # number -> OfferChange
        self.names = {}         # number -> partner, from route facts
        self.mine = None        # number of the newest offer to us
        self.announced = {}     # (index, part) -> (Part, signer or None)
        self.pieces = {}        # (index, part) -> [kind, sealed, Wrap]
        self.newest = b""       # leaf hash
        self.steps = []
        self.roles = []
        self.done = set()       # records that were applied

    # --- what the broker says ------------------------------------------------

    def apply(self, facts, route, envelope=None):
        """Copy the facts of a record; ${envelope}: its signed Statement.
        One may come twice, as receipt and as delivery."""
        if facts.index in self.done:
            return
        self.done.add(facts.index)
        if facts.HasField("header") and self.header is None:
            self.header = facts.header
        for change in [facts.change, *facts.children]:
            if change.referral == self.referral:
                self.change(change)
        for who in route.changes if route is not None else ():
            if who.referral == self.referral:
                self.names.update((o.number, o.to) for o in who.offers)
        if facts.change.referral == self.referral:
            for at, part in enumerate(facts.parts):
                self.announced[facts.index, at] = (
                    part, envelope.partner if envelope else None)

    def change(self, c):
        need(not self.version or c.version_before == self.version
             or c.version_after < self.version or self.mine is not None,
             "a version was left out")
        if c.version_after < self.version:
            return
        self.version = c.version_after
        self.after = c.after
        self.steps += [self.p.Event.Name(s.event) for s in c.steps]
        for o in c.offers:
            if o.number in self.offers and not o.commit:
                o.commit = self.offers[o.number].commit
            self.offers[o.number] = o

    @property
    def state(self):
        return self.p.State.Name(self.after.state)

    @property
    def holder(self):
        return self.after.holder

    def my_offer_is_open(self):
        return (self.mine in self.offers
                and self.offers[self.mine].state in OPEN)

    # --- sealed parts --------------------------------------------------------

    def keep(self, piece, index, rewrapped=()):
        """Keep a part that came along, if it is what was signed."""
        at = (piece.index or index, piece.part)
        if at not in self.announced:
            self.announce_from_rewrap(piece, at, rewrapped)
        if at not in self.announced:
            return
        part, _ = self.announced[at]
        old = self.pieces.get(at, [piece.kind, b"", None])
        if piece.sealed:
            need(trust.sha(piece.sealed) == part.sha256,
                 "a part that nobody signed")
            old[1] = piece.sealed
        if piece.wraps:
            old[2] = piece.wraps[0]
        self.pieces[at] = old

    def announce_from_rewrap(self, piece, at, rewrapped):
        """A part of a record that was not for us then: the signed rewrap
        names its digests, its aad the rest."""
        for r in rewrapped:
            if (r.index, r.part) == at:
                aad = self.p.Sealed.FromString(piece.sealed).aad.split("|")
                self.announced[at] = (self.p.Part(
                    kind=piece.kind, sha256=r.sha256,
                    plain_commit=r.plain_commit,
                    nonce=bytes.fromhex(aad[5])), aad[2])

    def signers(self, at):
        """Who can have sealed a part."""
        part, signer = self.announced[at]
        known = {self.header.originator, self.after.originator,
                 self.after.holder, self.after.regisseur}
        return part, [signer] if signer else sorted(known)

    def open(self, at, origin, key):
        """The body of a part."""
        part, signers = self.signers(at)
        _, sealed, wrap = self.pieces[at]
        need(sealed and wrap is not None, "no wrap of it")
        aad = self.aad(at, origin, part, signers)
        return sealing.unseal(self.p, sealed, wrap, key, aad,
                              part.plain_commit)

    def aad(self, at, origin, part, signers):
        is_in = self.p.Sealed.FromString(self.pieces[at][1]).aad
        fits = [a for a in (sealing.make_aad(origin, s, self.referral,
                                             part.kind, part.nonce)
                            for s in signers) if a == is_in]
        need(fits, "sealed for another purpose, or by another")
        return fits[0]

    def rewrap(self, at, origin, key, to):
        """A wrap of a part for the key ${to}."""
        part, signers = self.signers(at)
        _, sealed, wrap = self.pieces[at]
        need(sealed and wrap is not None, "no wrap of it")
        return sealing.rewrap(self.p, sealed, wrap, key,
                              self.aad(at, origin, part, signers),
                              part.plain_commit, to)

    def find(self, kind):
        """Where the newest part of that kind is, or None."""
        found = [at for at, x in self.pieces.items() if x[0] == kind]
        return max(found) if found else None
