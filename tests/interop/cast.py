"""Who takes part in the stories: a network, parties in Python, others in C."""

import json
import os
import time

from cryptography.hazmat.primitives.asymmetric import ed25519

import link
import sealing
from keten_client import Client
from link import Settings
from network import Child, Network
from protos import Protos
from trust import need

IN_C = ("thuiszorg-t", "gemeente-r", "v-oost", "zorg-z")
SIGNAL = dict(code="SIG-101", area="WK085501", area_year=2025, basis="G-TOE")
PERSON_PART = {"name": "Petronella Testmans", "street": "Lindelaan",
               "story": "Zij eet niet meer en laat niemand binnen."}


class Cast:
    """The network, the parties in Python and those in C."""

    def __init__(self, root, build):
        self.p = Protos()
        self.net = Network(root, build=build)
        self.net.make(cast=list(IN_C))
        self.net.start_broker()
        self.net.enrol(cast=list(IN_C))
        self.parties = []
        self.lwdb = self.join("lwdb-noord")
        self.welzijn = self.join("welzijn-w")
        self.shown = {}

    def settings(self, partner, device="py"):
        return Settings(
            origin=self.net.origin, partner=partner, device=device,
            endpoint=f"tcp://127.0.0.1:{self.net.port}",
            broker_key=bytes.fromhex(self.net.keys["curve"]),
            introducer=bytes.fromhex(self.net.keys["introducer"]),
            log_vkey=self.net.keys["vkey"])

    def enrol(self, settings):
        """Certificates by the partner's identity key, to the operator."""
        with open(self.net.path("secret", settings.partner + ".key"),
                  encoding="ascii") as f:
            identity = ed25519.Ed25519PrivateKey.from_private_bytes(
                bytes.fromhex(f.read().split()[2]))
        folder = self.net.path("certificates")
        os.makedirs(folder, exist_ok=True)
        made = []
        for n, raw in enumerate(link.certificates(self.p, settings,
                                                  identity)):
            made.append(os.path.join(
                folder, f"{settings.partner}.{settings.device}.{n}.cert"))
            with open(made[-1], "wb") as f:
                f.write(raw)
        self.net.ctl("enrol", *made)

    def join(self, partner):
        settings = self.settings(partner)
        self.enrol(settings)
        client = Client(self.p, settings)
        client.connect()
        self.parties.append(client)
        return client

    def others(self, client):
        return [c for c in self.parties if c is not client]

    def do(self, client, event, referral, **more):
        return client.step(event, referral, others=self.others(client),
                           **more)

    def until(self, what, ready, patience=60.0):
        """Let everybody take in what comes until ready()."""
        self.parties[0].wait(ready, what, patience, self.parties[1:])

    def submit(self, client, **more):
        header = dict(SIGNAL, urgency=self.p.NORMAL,
                      discussed=self.p.AGREES)
        header.update({k: v for k, v in more.items() if k not in (
            "note", "person", "text")})
        referral, number = client.submit(
            more.get("note", "Gordijnen al een week dicht, koelkast leeg."),
            more.get("person", PERSON_PART), more.get("text"), **header)
        client.outcome(number, self.others(client))
        return referral

    # --- those in C ----------------------------------------------------------

    def watch(self, partner):
        """A C party that stays connected."""
        with open(self.net.path("log", "watch-" + partner + ".out"),
                  "wb") as out:
            self.net.children["watch " + partner] = Child(
                "keten watch", [self.net.program("keten"), "watch", "-c",
                                self.net.device_settings(partner), "--json"],
                self.net.path("log", "watch-" + partner + ".log"),
                stdout=out)

    def c(self, partner, verb, referral, *args, patience=60.0):
        """A verb of `keten`, while the parties in Python go on."""
        child = Child("keten " + verb, [
            self.net.program("keten"), verb, "-c",
            self.net.device_settings(partner),
            *([sealing.referral_text(referral)] if referral else []), *args],
            self.net.path("log", f"keten-{partner}.log"),
            stdout=open(self.net.path("log", "verb.out"), "wb"))
        self.until(f"keten {verb}",
                   lambda: child.process.poll() is not None,
                   patience + 10)
        with open(self.net.path("log", "verb.out"), encoding="utf-8") as f:
            out = f.read()
        need(child.process.returncode == 0,
             f"keten {verb}: status {child.process.returncode}: {out}"
             + self.net.tail(f"keten-{partner}", 4))
        return out

    def c_view(self, partner, referral):
        """What a C party knows of a referral; {} if nothing."""
        out = self.c(partner, "inbox", None, "--all", "--json")
        for line in out.splitlines():
            row = json.loads(line)
            if row["referral"] == sealing.referral_text(referral):
                return row
        return {}

    def c_until(self, partner, referral, what, patience=60.0, **fields):
        """Wait until a C party sees a referral so."""
        end = time.monotonic() + patience
        while True:
            row = self.c_view(partner, referral)
            if row and all(row.get(k) == v for k, v in fields.items()
                           if k != "opens") and fields.get(
                               "opens", 0) & ~row.get("openable", 0) == 0:
                return row
            need(time.monotonic() < end, f"{partner}: {what}: {row}")
            self.until("a moment", lambda: True)
            time.sleep(0.02)
