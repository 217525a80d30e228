"""What may be found where: nothing of a person outside the seals, everything in
the log, and nothing that helps a thief.
"""

import json
import os
import re

import search
from checks import GOOD, Wrong, names_of, sentence, until

FORK = 22

# --- nothing to be found --------------------------------------------------------

@sentence(r"no file of the broker holds the name of (\w+)")
def nothing_at_broker(story, person):
    marker = story.people[person]["name"]
    net = story.net
    roots = [net.path("broker"), net.path("log", "ketend.log"),
             net.path("policy"), os.path.join(net.sockets, "broker")]
    for part in [marker] + marker.split():
        hits, looked = search.search(part, *roots)
        hits += search.journal(part, [net.children["ketend"].pid])
        if hits:
            raise Wrong(f"'{part}' staat in {hits}")
        if looked < 5:
            raise Wrong(f"maar {looked} bestanden bekeken")


@sentence(r"no log holds the name of (\w+)")
def nothing_in_logs(story, person):
    marker = story.people[person]["name"]
    for part in [marker] + marker.split():
        hits, _ = search.search(part, story.net.path("log"))
        if hits:
            raise Wrong(f"'{part}' staat in {hits}")


@sentence(r"the folder of (\w+) does hold the name of (\w+)")
def folder_holds(story, who, person):
    from lang import CAST
    marker = story.people[person]["name"]

    def look():
        return search.search(marker, story.net.folder(CAST[who]))[0], ""
    until("de zoeker vindt de naam waar hij staat", look)


@sentence(r"the spool of (\w+) does not hold the name of (\w+)")
def spool_is_sealed(story, who, person):
    from lang import CAST
    marker = story.people[person]["name"]
    hits, _ = search.search(
        marker, story.net.path("partners", CAST[who], "spool"))
    if hits:
        raise Wrong(f"onverzegeld in de spool: {hits}")


# --- the auditor -----------------------------------------------------------------

@sentence(r"the log verifies and replays")
def whole_log(story):
    net = story.net
    if "ketend" not in net.children:
        net.start_broker()
    for verb in ("verify", "replay"):
        status, out, err = net.audit(verb)
        # A log that went on from a backup is a fork, and says so itself.
        if verb == "verify" and "tree" in story.memory and status == FORK:
            continue
        if status not in GOOD:
            raise Wrong(f"keten-audit {verb}: status {status}\n{out}{err}")


def chain(story, name):
    """What keten-audit tells of one referral, as a list."""
    status, out, err = story.net.audit("trace", story.referrals[name],
                                       "--json")
    if status not in GOOD:
        raise Wrong(f"keten-audit trace: status {status}\n{out}{err}")
    return [json.loads(line) for line in out.splitlines()
            if line.startswith("{")]


@sentence(r"every step of (\w+) has an inclusion proof")
def all_proved(story, name):
    rows = [r for r in chain(story, name) if "index" in r]
    if len(rows) < 2:
        raise Wrong(f"de keten van {name} is {rows}")
    for row in rows:
        # A published checkpoint that covers it comes within a second.
        def look(row=row):
            status, out, err = story.net.audit("prove", str(row["index"]))
            return status in GOOD and "c2sp.org/tlog-proof@v1" in out, (
                status, out, err)
        until(f"regel {row['index']} is te bewijzen", look)


@sentence(r"the log has the signatures of (\w+), (\w+) under (\w+)")
def both_signed(story, a, b, name):
    from lang import CAST
    signers = {r["who"].split("/")[0] for r in chain(story, name)}
    for short in (a, b):
        if CAST[short] not in signers:
            raise Wrong(f"{short} heeft niet ondertekend: {signers}")


@sentence(r"the chain of (\w+) reads (.*)")
def chain_reads(story, name, wanted):
    steps = [s["event"] for r in chain(story, name) for s in r["steps"]]
    at = 0
    for step in re.split(r"[, ]+", wanted):
        if step not in steps[at:]:
            raise Wrong(f"{step} ontbreekt (in die volgorde) in {steps}")
        at += steps[at:].index(step) + 1


@sentence(r"every order that got a receipt is in the log, once")
def receipts_hold(story):
    """Compare what the drivers were told with what the log says."""
    from lang import CAST
    rows = signed_rows(story)
    for short, hand in story.hands.items():
        done = [o for o in hand.outcomes.values() if o["status"] == "done"
                and o["index"]]
        indexes = [o["index"] for o in done]
        if len(indexes) != len(set(indexes)):
            raise Wrong(f"{short}: twee opdrachten op een regel")
        for o in done:
            row = rows.get(o["index"])
            if row is None or row["partner"] != CAST[short] or \
                    row["number"] != o["number"]:
                raise Wrong(f"{short}: {o} staat er als {row}")


def signed_rows(story):
    """{index: who said it, and under which number} of the whole log."""
    status, out, err = story.net.audit("export")
    if status not in GOOD:
        raise Wrong(f"keten-audit export: status {status} {err}")
    rows = {}
    for line in out.splitlines():
        row = json.loads(line)
        body = row.get("envelope", {}).get("body", {})
        if "lane" in body:
            rows[row["index"]] = body
    return rows


@sentence(r"the log says (\w+) of (each \w+|\w+)")
def log_says(story, word, what):
    for name in names_of(story, what):
        rows = chain(story, name)
        if not any(word in json.dumps(r) for r in rows):
            raise Wrong(f"{name}: {rows}")


# --- a thief ---------------------------------------------------------------------

def thief(story, keys):
    """Try these sealing keys on every part in a copy of the store."""
    import shutil
    from lang import CAST
    net = story.net
    copy = net.path("stolen")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(net.path("broker", "store"), copy)
    files = [net.path("partners", CAST[k], "keys", "seal.key") for k in keys]
    _, out, _ = net.run("tests/flow/thief", copy, *files)
    return [json.loads(line) for line in out.splitlines()]


@sentence(r"a thief of the store with the keys of (\w+(?:, \w+)*) opens no "
          r"person part but (\d+) notes?")
def thief_fails(story, who, notes):
    rows = thief(story, who.split(", "))
    opened = [r for r in rows if r["opened"]]
    if any(r["kind"] == "person" for r in opened):
        raise Wrong(f"persoonsdeel geopend: {opened}")
    if not any(r["kind"] == "person" for r in rows):
        raise Wrong(f"er was geen persoonsdeel: {rows}")
    if sum(r["kind"] == "note" for r in opened) < int(notes):
        raise Wrong(f"de dief opent ook geen toelichting: {rows}")


@sentence(r"the same thief with the keys of (\w+) opens (\d+) person parts?")
def thief_control(story, who, count):
    rows = [r for r in thief(story, [who])
            if r["opened"] and r["kind"] == "person"]
    if len(rows) != int(count):
        raise Wrong(f"geopend: {rows}")
