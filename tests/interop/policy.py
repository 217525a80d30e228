"""The signed policy and the certificates: sections 14 and 15."""

import hashlib

from cryptography.hazmat.primitives.asymmetric import ed25519

import trust
from sealing import SealKey, key_id
from trust import Broken, need

CANDIDATE = 2
PLACING = 1
COORDINATOR = 3


class Policy:
    """A policy document whose signature was checked."""

    def __init__(self, p, envelope, introducer, origin, before=0):
        env = p.Envelope.FromString(envelope)
        need(env.type == trust.TYPE % "policy", "not a policy")
        trust.check_envelope(env, introducer)
        self.doc = p.Policy.FromString(env.body)
        self.p = p
        need(self.doc.version == 1 and self.doc.origin == origin,
             "a policy of another log")
        need(self.doc.index >= before, "the policy went back")
        self._index()

    @classmethod
    def of(cls, p, doc):
        """A document about which nothing was checked."""
        self = cls.__new__(cls)
        self.p, self.doc = p, doc
        self._index()
        return self

    def _index(self):
        self.partners = {x.id: x for x in self.doc.partners}
        self.networks = {x.id: x for x in self.doc.networks}
        self.codes = {x.code: x for x in self.doc.codes}
        self.groups = {x.id: x for x in self.doc.groups}

    # --- words ---------------------------------------------------------------

    def identity_key(self, partner):
        need(partner in self.partners, f"{partner} is not in the policy")
        return self.partners[partner].identity_key

    def has_ended(self, partner, now):
        x = self.partners.get(partner)
        return x is None or x.gone or 0 < x.ended_ms <= now

    def heir(self, partner, h, now):
        """Who has the places of a partner in what is asked, or None."""
        for _ in range(len(self.partners) + 1):
            x = self.partners.get(partner)
            if x is None or not self.has_ended(partner, now):
                return partner if x is not None else None
            partner = next((s.partner for s in x.successors
                            if (not s.codes or any(self.code_in(c, h.code)
                                                   for c in s.codes))
                            and self.lies_in(s.areas, h.area)), x.successor)
        return None

    def followed(self, partner, h, now):
        """A partner, and after it who took its place."""
        return list(dict.fromkeys(
            x for x in (partner, self.heir(partner, h, now)) if x))

    def is_protected(self, code):
        return code in self.groups

    def code_in(self, pattern, code):
        if pattern in ("*", code):
            return True
        row = self.codes.get(code) or self.groups.get(code)
        if pattern == "SIG":
            return row.kind == self.p.POLICY_CODE_KIND_SIGNAL
        if pattern == "DST":
            return row.kind == self.p.POLICY_CODE_KIND_SERVICE
        return code in self.codes and pattern == self.codes[code].group

    @staticmethod
    def area_in(outer, inner):
        return inner[2:].startswith(outer[2:])

    def lies_in(self, areas, area):
        return not areas or any(self.area_in(a, area) for a in areas)

    def works_in(self, partner, area):
        """In all of it, or in part of it."""
        areas = self.partners[partner].areas
        return self.lies_in(areas, area) or any(self.area_in(area, a)
                                                for a in areas)

    def code_rank(self, patterns, code):
        """How closely the closest of them names it; 0: none does."""
        return max([4 if c == code else 1 if c == "*" else
                    2 if len(c) == 3 else 3
                    for c in patterns if self.code_in(c, code)], default=0)

    def asked(self, name, h, now):
        """Whom an offer to that name goes to."""
        x = self.networks.get(name)
        if x is None or x.mode == COORDINATOR:
            return self.followed(name, h, now)
        return [m for y in x.members for m in self.asked(y, h, now)]

    def everybody(self, name):
        """A network with everybody in it."""
        x = self.networks.get(name)
        return {name}.union(*(self.everybody(m) for m in x.members)
                            if x is not None else [])

    def is_party(self, party, partner):
        which = party.WhichOneof("who")
        if which == "network":
            return partner in self.everybody(party.network)
        if which == "kind":
            return self.partners[partner].kind == party.kind
        return which == "anyone" or party.partner == partner

    def stands_for(self, partner, h, now):
        """It, and those that ended and whose successor it is."""
        return [partner] + [x for x in self.partners if x != partner
                            and self.has_ended(x, now)
                            and self.heir(x, h, now) == partner]

    # --- covenants and routes ------------------------------------------------

    def covenant(self, sender, to, h, now):
        """None, or why not: NO_COVENANT or NO_BASIS."""
        why = "NO_COVENANT"
        senders = self.stands_for(sender, h, now)
        receivers = self.stands_for(to, h, now)

        def names(side, partners):
            return any(self.is_party(x, y) for x in side for y in partners)
        for c in self.doc.covenants:
            if not (names(getattr(c, "from"), senders)
                    and names(c.to, receivers)
                    and (not c.codes or any(self.code_in(x, h.code)
                                            for x in c.codes))
                    and self.lies_in(c.areas, h.area)
                    and c.valid_from_ms <= now
                    and (not c.valid_until_ms or now < c.valid_until_ms)):
                continue
            consent = any(b.code == h.basis and b.consent
                          for b in self.doc.bases)
            agreed = h.discussed == self.p.AGREES
            if h.basis in c.bases and (agreed or not consent) and (
                    not c.discussed or h.discussed in c.discussed):
                return None
            why = "NO_BASIS"
        return why

    def regisseur(self, h):
        best, found = (0, 0), None
        for r in self.doc.regisseurs:
            area = max([len(a) for a in r.areas if self.area_in(a, h.area)],
                       default=0 if r.areas else 1)
            code = self.code_rank(r.groups, h.code) if r.groups else 1
            if (area and code and (area, code) > best
                    and (not r.duties or PLACING in r.duties)):
                best, found = (area, code), r.partner
        need(found, "NO_ROUTE")
        return found

    def route(self, sender, h):
        """The route that fits best, or Broken."""
        def fit(r):
            area = max([len(a) for a in r.areas if self.area_in(a, h.area)],
                       default=0 if r.areas else 1)
            parties = getattr(r, "from")
            who = max([{"partner": 3, "anyone": 1}.get(x.WhichOneof("who"), 2)
                       for x in parties if self.is_party(x, sender)],
                      default=0 if parties else 1)
            code = self.code_rank(r.codes, h.code)
            if self.is_protected(h.code) and code < 3:
                return None
            urgency = (2 if h.urgency in r.urgencies
                       else 0 if r.urgencies else 1)
            score = (area, who, code, urgency)
            return score if all(score) else None
        best = None
        for r in self.doc.routes:
            score = fit(r)
            if score is not None and (best is None or score > best[0]):
                best = (score, r)
        need(best, "NO_ROUTE")
        return best[1]

    def ladder(self, sender, h, now):
        """(rungs of names, R, custodian or "", early).

        Opening hours are not looked at: for EMERGENT the broker may leave out
        rungs that stand here.
        """
        r = self.regisseur(h)
        route = self.route(sender, h)
        seen, rungs, count = {sender, r}, [], 0
        never = {x for n in h.never for x in self.followed(n, h, now)}

        def may_be(name):
            x = self.partners.get(name)
            return (name not in seen and name not in never
                    and x is not None and not self.has_ended(name, now)
                    and CANDIDATE in x.roles
                    and self.works_in(name, h.area)
                    and self.covenant(sender, name, h, now) is None)

        def add(names):
            rung = []
            for name in names:
                if may_be(name) and name not in rung and not (
                        self.is_protected(h.code) and rung):
                    rung.append(name)
            if rung:
                rungs.append(rung)
                seen.update(rung)
            return len(rung)

        add([x for n in h.first for x in self.followed(n, h, now)])
        for rung in route.rungs:
            names = []
            for c in rung.candidates:
                if c.WhichOneof("who") == "kind":
                    names += sorted(x.id for x in self.doc.partners
                                    if x.kind == c.kind
                                    and CANDIDATE in x.roles
                                    and self.works_in(x.id, h.area))
                else:
                    names += self.asked(c.partner or c.network, h, now)
            names = [n for n in dict.fromkeys(names) if may_be(n)]
            names = names[:max(0, 14 - count)]
            only = (self.networks.get(rung.candidates[0].network)
                    if len(rung.candidates) == 1 else None)
            mode = rung.mode or (only.mode if only is not None else 1)
            for part in ([[n] for n in names] if mode == 2 else [names]):
                count += add(part)
        keeper = self.heir(route.custodian_partner, h, now)
        custodian = {2: r, 3: keeper or route.custodian_partner}.get(
            route.custodian, "")
        return (rungs, r, "" if custodian == sender else custodian,
                route.disclosure_early)

    def informed(self, sender, h, now):
        """Who gets a copy, B itself left out."""
        heirs = [self.heir(x, h, now) for x in self.route(sender, h).inform]
        return [x for x in heirs if x and x != sender]


class Certificates:
    """Which keys belong to whom, each checked with an identity key."""

    def __init__(self, p, policy, introducer):
        self.p, self.policy, self.introducer = p, policy, introducer
        self.devices = []   # [partner, device, public, added, ended]
        self.seals = []     # [partner, SealKey, serial, not_after, ended]
        self.known = set()

    def check(self, envelope):
        """The KeyStatement of an envelope that is signed as it should be."""
        env = self.p.Envelope.FromString(envelope)
        need(env.type == trust.TYPE % "key", "not a certificate")
        ks = self.p.KeyStatement.FromString(env.body)
        need(ks.version == 1 and ks.origin == self.policy.doc.origin,
             "a certificate for another log")
        identity = self.policy.identity_key(ks.partner)
        try:
            trust.check_envelope(env, identity)
        except Broken:
            need(ks.WhichOneof("body") == "revoke", "not signed by its owner")
            trust.check_envelope(env, self.introducer)
        return ks

    def add(self, index, envelope):
        if index in self.known:
            return
        ks = self.check(envelope)
        self.known.add(index)
        which = ks.WhichOneof("body")
        if which == "device":
            d = ks.device
            ed25519.Ed25519PublicKey.from_public_bytes(d.sign_key)
            for row in self.devices:
                if row[:2] == [ks.partner, d.device] and row[4] is None:
                    row[4] = index
            self.devices.append([ks.partner, d.device, d.sign_key, index,
                                 None])
        elif which == "sealing":
            s = ks.sealing
            self.seals.append([ks.partner, SealKey.public(s.key_x, s.key_y),
                               s.serial, s.not_after_ms, None])
        else:
            self.revoke(index, ks)

    def revoke(self, index, ks):
        for row in self.devices:
            if row[:2] == [ks.partner, ks.revoke.device] and row[4] is None:
                row[4] = index
        for row in self.seals:
            if row[0] == ks.partner and row[1].id == ks.revoke.sealing_key_id:
                row[4] = index

    def sign_key(self, partner, device, ident, index):
        """The key with which that device could sign record ${index}."""
        for who, name, public, added, ended in self.devices:
            if (who, name) == (partner, device) and added < index and (
                    ended is None or index <= ended) and hashlib.sha256(
                        public).digest()[:8] == ident:
                return public
        raise Broken(f"{partner}/{device} had no such key at {index}")

    def seal_key(self, partner, now):
        """The key to seal with for ${partner}, or None."""
        rows = [r for r in self.seals if r[0] == partner and r[4] is None
                and (not r[3] or now <= r[3])]
        return max(rows, key=lambda r: r[2])[1] if rows else None

    def sealing_of(self, envelope, partner):
        """The key of one certificate on its own, as a REWRAP-ASK has it."""
        ks = self.check(envelope)
        need(ks.partner == partner and ks.WhichOneof("body") == "sealing",
             "another partner's certificate")
        key = SealKey.public(ks.sealing.key_x, ks.sealing.key_y)
        need(key.id == key_id(key.x, key.y), "a key id that is not its own")
        return key
