#!/usr/bin/python3
"""`make run`: a whole Keten network on this machine, and a story told in it.

    config/demo/run.py --once    play, verify, end; exit status 0 only if all
                                 of it held
    config/demo/run.py           the same, and then stay up to look around

Everything lies under run/; an earlier run is put aside as run/previous.
"""

import argparse
import glob
import json
import os
import re
import shutil
import signal
import sys
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import search                                           # noqa: E402
from network import (ADAPTERS, TOP, Network, Trouble,   # noqa: E402
                     wait_for)

CAST = ["lwdb-noord", "thuiszorg-t", "welzijn-w", "corporatie-c", "v-oost",
        "v-west", "v-zuid", "gemeente-r"]
WITNESS = "auditor-a"
MARKER = "Wilhelmina Kruidenier-Zwaluw"
NOTE = "Gordijnen al dagen dicht, wil graag praten."
SHARED = os.environ.get("KETEN_SHARED", "../shared")
GOOD = (0, 10, 11)
REFERRAL = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Show:
    """What is printed, and whether all of it held."""

    def __init__(self):
        self.colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        self.held = True

    def paint(self, text, code):
        return f"\033[{code}m{text}\033[0m" if self.colour else text

    def title(self, text):
        print("\n" + self.paint(text, "1"), flush=True)

    def step(self, who, text):
        print(f"  {self.paint(f'{who:<12}', '36')} {text}", flush=True)

    def quote(self, text, indent=16):
        for line in text.rstrip().splitlines():
            print(" " * indent + line, flush=True)

    def check(self, good, text):
        self.held = self.held and good
        mark = self.paint("klopt ", "32") if good else self.paint(
            "FOUT  ", "31")
        print(f"  {mark}{'':6} {text}", flush=True)


# --- the folders ---------------------------------------------------------------

def answer_of(net, partner, name):
    """Wait until a dropped file is dealt with: (place, Dutch answer)."""
    def look():
        for place in ("done", "failed"):
            hits = sorted(glob.glob(net.folder(partner, place,
                                               f"*{name}*.txt")))
            if hits:
                with open(hits[-1], encoding="utf-8") as f:
                    return place, f.read().strip()
        return None
    return wait_for(f"antwoord op {name} in de map van {partner}", look)


def drop(show, net, partner, name, tree):
    """Put a file in a folder, show the answer, give the referral."""
    text = tree if isinstance(tree, str) else json.dumps(
        tree, ensure_ascii=False, indent=1)
    net.drop(partner, name, text)
    place, answer = answer_of(net, partner, name)
    show.quote(f"{place}/ : {answer.splitlines()[0]}")
    if place != "done":
        raise Trouble(f"{partner}: {name} werd niet aangenomen: {answer}")
    hit = REFERRAL.search(answer)
    return hit.group(0) if hit else ""


def arrived(net, partner, referral, word):
    """Wait for a file about a referral in in/, and give its path."""
    def look():
        hits = sorted(glob.glob(net.folder(partner, "in",
                                           f"*{referral}*{word}*")))
        return hits[0] if hits else None
    return wait_for(f"{word} over {referral} in de map van {partner}", look)


def view(net, partner, referral):
    return net.keten_json(partner, "show", referral)[0]


def becomes(net, partner, referral, state, patience=10):
    wait_for(f"{partner} ziet {referral} als {state}",
             lambda: view(net, partner, referral)["state"] == state, patience)


# --- scenario 1 ------------------------------------------------------------------

def eyes_and_ears(show, net):
    show.title("Ogen en oren: een medewerker van de LWDB ziet dichte "
               "gordijnen en een lege koelkast")
    person = {"naam": MARKER, "geboortedatum": "1938-03-14",
              "straat": "Lijsterbesstraat", "huisnummer": "12",
              "postcode": "5038 ZX", "plaats": "Voorbeeldstad",
              "verhaal": "Deed pas na lang bellen open. "
                         "De koelkast is leeg en de post ligt er nog."}
    first = drop_signal(show, net, person, "gordijnen.json", "SIG-101",
                        NOTE)
    second = drop_signal(show, net, person, "koelkast.json", "SIG-203",
                         "Koelkast is leeg.", samen_met=first)
    path = arrived(net, "welzijn-w", first, "")
    show.step("Welzijn W", f"krijgt {os.path.basename(path)}: code, gebied, "
              "haast en toelichting")
    status, _, _ = net.keten("welzijn-w", "open", first, check=False)
    show.check(status != 0, "wie het is kan welzijn nog niet openen")
    hits, _ = search.search(MARKER, net.folder("welzijn-w"))
    show.check(not hits, "en de naam staat niet in de map van welzijn")

    travels_sealed(show, net, first)
    show.step("Welzijn W", "zegt ja, met een bestand in de map")
    drop(show, net, "welzijn-w", "ja.json",
         {"stap": "aannemen", "verwijzing": first})
    began = time.monotonic()
    wait_for("het persoonsdeel is er", lambda: MARKER in net.keten(
        "welzijn-w", "open", first, check=False)[1])
    took = time.monotonic() - began
    show.check(took < 2, f"naam en adres zijn nu te openen (na {took:.1f} s)")
    becomes(net, "lwdb-noord", first, "ACCEPTED")
    show.step("LWDB Noord", "hoort wie het heeft: "
              + view(net, "lwdb-noord", first)["holder"])
    finish(show, net, first)
    show.step("Thuiszorg T", "heeft de tweede, over de koelkast; die staat "
              "nog open")
    return [first, second]


def travels_sealed(show, net, referral):
    """The note is for who is asked, and for nobody between or beside them."""
    def note(partner):
        return net.keten(partner, "open", referral, "--part", "note",
                         check=False)[1]
    show.step("Welzijn W", "leest de toelichting: "
              + json.loads(note("welzijn-w"))["text"])
    show.check(NOTE not in note("thuiszorg-t"),
               "thuiszorg, aan wie dit niet gevraagd is, kan haar niet openen")
    hits, looked = search.search(NOTE, *broker_files(net))
    show.check(not hits and looked > 5, "en bij de makelaar staat zij "
               f"nergens leesbaar: zij reist verzegeld ({looked} bestanden)")


def broker_files(net):
    return [net.path("broker"), os.path.join(net.sockets, "broker"),
            net.path("log"), net.path("policy"), net.path("certificates")]


def drop_signal(show, net, person, name, code, note, **more):
    show.step("LWDB Noord", f"legt {name} in de map: {code}, '{note}'")
    tree = {"stap": "indienen", "code": code, "gebied": "WK085501",
            "urgentie": "normaal", "grondslag": "G-TOE", "besproken": "ja",
            "toelichting": note, **person, **more}
    return drop(show, net, "lwdb-noord", name, tree)


def finish(show, net, referral):
    show.step("Welzijn W", "begint, en rondt af: UIT-01 geholpen")
    drop(show, net, "welzijn-w", "begin.json",
         {"stap": "beginnen", "verwijzing": referral})
    drop(show, net, "welzijn-w", "klaar.json",
         {"stap": "afronden", "verwijzing": referral, "uitkomst": "UIT-01",
          "tekst": "Komt nu elke week naar de inloop."})
    becomes(net, "lwdb-noord", referral, "COMPLETED")
    show.step("LWDB Noord", "leest hoe het afliep: "
              + json.loads(net.keten("lwdb-noord", "open", referral, "--part",
                                     "text")[1]).get("text", ""))
    drop(show, net, "lwdb-noord", "gelezen.json",
         {"stap": "uitkomst_gelezen", "verwijzing": referral})
    becomes(net, "welzijn-w", referral, "CLOSED")
    show.check(True, "de keten is rond: CLOSED")


# --- the social map --------------------------------------------------------------

def social_map(show, net):
    """Who offers what: published by folder and by hand, then looked up."""
    show.title("De sociale kaart: wie biedt wat, waar, en is er plek")
    for partner, kind, who in (("lwdb-noord", "lwdb", "LWDB Noord"),
                               ("welzijn-w", "welzijn", "Welzijn W")):
        path = os.path.join(TOP, "adapters", kind, "samples",
                            "sociale-kaart.csv")
        with open(path, encoding="utf-8") as f:
            text = f.read()
        show.step(who, "legt zijn vermeldingen in de map: sociale-kaart.csv")
        drop(show, net, partner, "sociale-kaart.csv", text)
    net.keten("v-oost", "catalogue", "add", "dienst=DST-101",
              "capaciteit=ja", "gebieden=WK085501")
    show.step("V Oost", "doet het op de opdrachtregel: keten catalogue add "
              "dienst=DST-101 capaciteit=ja gebieden=WK085501")
    show.step("Thuiszorg T", "zoekt: keten catalogue --code DST-101 --area "
              "WK085501")
    _, out, _ = net.keten("thuiszorg-t", "catalogue", "--code", "DST-101",
                          "--area", "WK085501")
    show.quote(out)
    show.check("lwdb-noord" in out and "v-oost" in out,
               "beide staan op de kaart")
    _, _, err = net.keten("thuiszorg-t", "catalogue", "--code", "DST-205",
                          "--area", "WK085501")
    show.step("Thuiszorg T", "zoekt dierverzorging: " + err.splitlines()[0])
    status, _, _ = net.keten("thuiszorg-t", "catalogue", "missing", "--code",
                             "DST-205", "--area", "WK085501", check=False)
    show.check(status == 0, "dat het ontbreekt staat in het logboek: dienst "
               "en wijk, geen persoon")


def on_the_map(show, net):
    """A decline for want of room, as everybody sees it."""
    rows = net.keten_json("welzijn-w", "catalogue", "--code", "DST-101",
                          "--area", "WK085501")
    said = [r["declined"] for r in rows if r["partner"] == "lwdb-noord"]
    show.check(said == ["AFW-01"], "op de kaart staat nu vijf werkdagen lang "
               "dat de LWDB geen plek heeft")


# --- scenario 4, first half ----------------------------------------------------------

def shopping(show, net):
    show.title("Gevraagd en doorgeschoven: thuiszorg vraagt tien keer "
               "boodschappen, in FHIR")
    path = os.path.join(TOP, "adapters", "thuiszorg", "samples",
                        "boodschappen.json")
    with open(path, encoding="utf-8") as f:
        text = f.read()
    show.step("Thuiszorg T", "legt een FHIR-bundel (Task, ServiceRequest, "
              "Patient) in de map")
    referral = drop(show, net, "thuiszorg-t", "boodschappen.json", text)
    arrived(net, "lwdb-noord", referral, "")
    show.step("LWDB Noord", "kan niet: AFW-01 geen capaciteit")
    drop(show, net, "lwdb-noord", "nee.json",
         {"stap": "afwijzen", "verwijzing": referral, "reden": "AFW-01"})
    on_the_map(show, net)
    show.step("Keten", "biedt het vanzelf aan de vrijwilligers aan, aan alle "
              "drie tegelijk")
    offered(net, "v-oost", referral)
    net.keten("v-oost", "accept", referral)
    show.step("V Oost", "neemt aan, op de opdrachtregel: keten accept "
              + referral[:13])
    becomes(net, "thuiszorg-t", referral, "ACCEPTED")
    holder = view(net, "thuiszorg-t", referral)["holder"]
    show.check(holder == "v-oost", "thuiszorg hoort het zonder iets te doen: "
               f"houder is {holder}")
    task = wait_for("een bijgewerkte Task", lambda: newest_task(
        net, referral, "accepted"))
    show.step("Thuiszorg T", f"vindt een Task in de map: {task['status']}, "
              f"{task.get('businessStatus', {}).get('text', '')}")
    clinical(show, net, json.loads(text))
    return [referral]


def clinical(show, net, bundle):
    """What may not go along is left out, and the sender hears that."""
    show.step("Thuiszorg T", "vraagt het nog eens, nu met een medisch gegeven "
              "(Condition) erbij")
    for entry in bundle["entry"]:
        if entry["resource"]["resourceType"] == "Task":
            entry["resource"].pop("identifier", None)
            entry["resource"]["id"] = "tz-2042"
    bundle["entry"].append({"resource": {
        "resourceType": "Condition", "code": {"text": "COPD"},
        "subject": {"reference": "Patient/tz-77"}}})
    net.drop("thuiszorg-t", "met-condition.json", json.dumps(bundle))
    place, answer = answer_of(net, "thuiszorg-t", "met-condition.json")
    show.quote(f"{place}/ : {answer}")
    show.check(place == "done" and "Niet meegestuurd" in answer, "de vraag "
               "gaat, het medische gegeven niet: de laatste die haar kan "
               "krijgen is de regisseur,\n" + " " * 15 + "en diens convenant "
               "(COV-01) laat geen medische gegevens toe, al doet COV-07 van "
               "de anderen dat wel")


def offered(net, partner, referral):
    """A partner with only a command line: ask until the offer is there."""
    def look():
        net.keten(partner, "trust", check=False)
        status, _, _ = net.keten(partner, "show", referral, check=False)
        return status == 0
    wait_for(f"{partner} heeft het aanbod", look, nap=0.2)


def newest_task(net, referral, status):
    for path in sorted(glob.glob(net.folder("thuiszorg-t", "in",
                                            f"*{referral}*.json")),
                       reverse=True):
        with open(path, encoding="utf-8") as f:
            tree = json.load(f)
        for task in tasks_in(tree):
            if task.get("status") == status:
                return task
    return None


def tasks_in(tree):
    if tree.get("resourceType") == "Task":
        yield tree
    for entry in tree.get("entry", []):
        yield from tasks_in(entry.get("resource", {}))


def official(show, net):
    """The official FHIR examples: taken or refused with a sentence."""
    paths = sorted(glob.glob(os.path.join(TOP, SHARED, "fixtures", "fhir",
                                          "*.json")))
    if not paths:
        show.step("Thuiszorg T", "(de officiele FHIR-voorbeelden zijn er "
                  f"niet: {SHARED}/fixtures/fhir)")
        return
    show.title("De officiele voorbeelden van FHIR R4, een voor een")
    taken = 0
    for path in paths:
        name = "hl7-" + os.path.basename(path)
        with open(path, encoding="utf-8") as f:
            net.drop("thuiszorg-t", name, f.read())
        place, answer = answer_of(net, "thuiszorg-t", name)
        taken += place == "done"
        print(f"    {'ja ' if place == 'done' else 'nee'} "
              f"{os.path.basename(path):<38} "
              f"{answer.splitlines()[0][:110]}", flush=True)
    show.check(taken >= 5, f"{taken} van {len(paths)} aangenomen, de andere "
               "geweigerd met een zin")


# --- the proof ---------------------------------------------------------------------------

def proof(show, net, referrals):
    show.title("De getuige: " + ", ".join(net.witnesses)
               + " tekent wat hij zag")
    net.seen_by_witnesses()
    state = net.ask(cmd="status")
    show.step("Makelaar", f"heeft handtekeningen onder {state['witnessed']} "
              f"van {state['size']} records")
    show.title("De keten van de eerste verwijzing, zoals de toezichthouder "
               "haar ziet")
    status, out, err = net.audit("trace", referrals[0])
    show.quote(out or err, 4)
    show.check(status in GOOD, "keten-audit trace")
    show.title("Het oordeel van de toezichthouder")
    for verb in ("verify", "replay"):
        status, out, err = net.audit(verb)
        show.quote(out or err, 4)
        show.check(status in GOOD, f"keten-audit {verb}: status {status}")
        if verb == "verify":
            show.check(status == 0, "genoeg getuigen zagen dit logboek "
                       "(witnessed)")


def bytes_search(show, net):
    show.title("Staat de naam ergens bij de makelaar?")
    pid = net.children["ketend"].pid
    for marker in [MARKER] + MARKER.split() + [NOTE]:
        hits, looked = search.search(marker, *broker_files(net))
        hits += search.journal(marker, [pid])
        show.check(not hits and looked > 5, f"'{marker}' staat in geen van "
                   f"{looked} bestanden van makelaar en logboeken, noch in "
                   f"het journaal, in {len(search.forms(marker))} "
                   "schrijfwijzen" + "".join(f"\n{h}" for h in hits))
    for partner in CAST:
        hits, _ = search.search(MARKER, net.path("partners", partner,
                                                 "spool"))
        if hits:
            show.check(False, f"onverzegeld in de spool van {partner}")
    hits, _ = search.search(MARKER, net.folder("lwdb-noord"))
    show.check(bool(hits), "in de map van de LWDB zelf vindt dezelfde zoeker "
               "haar wel")


def look_around(show, net, referral):
    """What to type next, while everything is up."""
    b = os.path.relpath(net.build, os.getcwd())
    r = os.path.relpath(net.root, os.getcwd())
    show.title("Alles draait.  Kijk gerust rond (Ctrl-C stopt):")
    trust = " ".join(os.path.relpath(w, os.getcwd())
                     if w.startswith("/") else w for w in net.audit_trust())
    for line in (
            f"{b}/keten inbox --config {r}/partners/thuiszorg-t/keten.yaml",
            f"{b}/keten show {referral[:13]} --config "
            f"{r}/partners/lwdb-noord/keten.yaml",
            f"{b}/keten catalogue --area WK085501 --open-now "
            f"--config {r}/partners/thuiszorg-t/keten.yaml",
            f"{b}/keten explain --code DST-101 --area WK085501 --basis G-TOE "
            f"--config {r}/partners/thuiszorg-t/keten.yaml",
            f"{b}/ketenctl status --socket "
            f"{os.path.relpath(net.control, os.getcwd())}",
            f"{b}/ketenctl queue --socket "
            f"{os.path.relpath(net.control, os.getcwd())}",
            f"{b}/keten-audit trace {referral} {trust}",
            f"ls {r}/partners/*/folder/in",
            f"tail -f {r}/log/ketend.log"):
        print("  " + line, flush=True)


# --- all of it ------------------------------------------------------------------------------

def set_up(show, net):
    show.title("Een keten opzetten in " + os.path.relpath(net.root))
    net.make(CAST)
    show.step("Beheer", f"maakt sleutels voor {len(net.partners)} partners "
              "en ondertekent het beleid")
    net.start_broker()
    for partner in net.witnesses:
        net.start_witness(partner)
        show.step("Toezicht", f"{partner} begint als getuige van het logboek")
    show.step("Makelaar", f"staat op poort {net.port} (na "
              f"{net.started_in * 1000:.0f} ms)")
    net.enrol(CAST)
    show.step("Beheer", f"neemt de certificaten van {len(CAST)} apparaten op")
    for partner in ADAPTERS:
        net.start_adapter(partner)
    connected = wait_for("vier aansluitingen", lambda: all(
        q["connected"] for q in net.ask(cmd="queue")
        if q["partner"] in ADAPTERS))
    show.check(connected, "thuiszorg, welzijn, corporatie en LWDB zijn "
               "verbonden")


def play(show, net):
    set_up(show, net)
    referrals = eyes_and_ears(show, net)
    social_map(show, net)
    referrals += shopping(show, net)
    official(show, net)
    proof(show, net, referrals)
    bytes_search(show, net)
    return referrals


def fresh(root):
    """run/demo, empty; what was there goes to run/previous."""
    if os.path.exists(root):
        aside = os.path.join(os.path.dirname(root), "previous")
        shutil.rmtree(aside, ignore_errors=True)
        os.rename(root, aside)
    return root


def main():
    args = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    args.add_argument("--once", action="store_true")
    args.add_argument("--build", default="build")
    args.add_argument("--dir", default=os.path.join(TOP, "run", "demo"))
    args = args.parse_args()
    show = Show()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    net = Network(fresh(args.dir), args.build, witnesses=[WITNESS])
    with net:
        try:
            referrals = play(show, net)
            show.title("Alles klopte." if show.held else
                       "Er klopte iets niet; zie FOUT hierboven.")
            if not args.once:
                look_around(show, net, referrals[-1])
                signal.pause()
        except Trouble as e:
            show.check(False, str(e))
            print(net.tails(), file=sys.stderr)
        except KeyboardInterrupt:
            print()
    return 0 if show.held else 1


if __name__ == "__main__":
    sys.exit(main())
