"""What there is of a referral before it is erased, and that it is gone after.

Everything is looked for in every file of the broker and of each spool: the
sealed bytes, the 32 random bytes with which each text began, and the slots,
the keys under which they were kept.
"""

import os

import checks
import evidence
import search
from checks import Wrong, sentence, until

REQUESTS = ("ERASE", "RETAIN", "UNRETAIN")
SLOT = 32


def partner(short):
    from lang import CAST
    return CAST[short]


def slots(path):
    """Every slot of a file of slots, by its place."""
    with open(path, "rb") as f:
        data = f.read()
    return [data[i:i + SLOT] for i in range(SLOT, len(data), SLOT)]


def slot_files(story):
    yield story.net.path("broker", "store", "vault.keys")
    for short in story.cast:
        path = story.net.path("partners", partner(short), "spool", "slots")
        if os.path.exists(path):
            yield path


def everywhere(story):
    roots = [story.net.path("broker")]
    roots += [story.net.path("partners", partner(c), "spool")
              for c in story.cast]
    for path in search.files(*roots):
        yield path, search.contents(path)


@sentence(r"what there is of it now is remembered")
def remember(story):
    """The bytes that must be nowhere once the content is erased."""
    needles = {}
    for row in evidence.thief(story, story.cast):
        name = f"record {row['index']} deel {row['part']}"
        needles[name + ", verzegeld"] = bytes.fromhex(row["sealed"])
        if "random" in row:
            needles[name + ", de 32 bytes"] = bytes.fromhex(row["random"])
    if not any("32 bytes" in n for n in needles):
        raise Wrong("er is niets geopend: dan valt er niets te zoeken")
    story.memory["needles"] = needles
    story.memory["slots"] = {p: slots(p) for p in slot_files(story)}


def left(story):
    """Where something of it still stands, or a key that should be wiped."""
    needles = dict(story.memory["needles"])
    for path, before in story.memory["slots"].items():
        now = slots(path)
        gone = [s for s, n in zip(before, now) if s != n]
        wiped = [n for s, n in zip(before, now) if s != n]
        if not gone:
            return f"{path}: geen sleutel is gewist"
        if any(w.strip(b"\0") for w in wiped):
            return f"{path}: een sleutel is veranderd, niet gewist"
        for i, slot in enumerate(gone):
            needles[f"{path}, sleutel {i}"] = slot
    for path, data in everywhere(story):
        for name, needle in needles.items():
            if needle in data:
                return f"{name} staat nog in {path}"
    return ""


@sentence(r"nothing of it is anywhere any more")
def nowhere(story):
    # A search is only worth something if it can find.
    if not any(b"keten-vault-v1" in data for _, data in everywhere(story)):
        raise Wrong("de zoeker vindt ook niet wat er is")

    def look():
        where = left(story)
        return where == "", where
    until("alles is weg", look)


@sentence(r"(\w+(?:, \w+)*) confirmed(?: it)?")
def confirmed(story, who):
    wanted = {partner(w) for w in who.split(", ")}

    def look():
        rows = story.net.ask(cmd="erase status")
        waiting = {r["partner"] for r in rows}
        return not wanted & waiting, waiting
    until(f"{who} bevestigen de wissing", look)


@sentence(r"(\w+) has not confirmed")
def not_confirmed(story, who):
    rows = story.net.ask(cmd="erase status")
    if partner(who) not in {r["partner"] for r in rows}:
        raise Wrong(f"{who} zou niet bevestigd hebben: {rows}")


@sentence(r"verify ends with (\d+)")
def verify_ends(story, code):
    status, out, err = story.net.audit("verify")
    if status != int(code):
        raise Wrong(f"keten-audit verify: {status}\n{out}{err}")


@sentence(r"the folder of (\w+) does not hold the name of (\w+)")
def folder_is_clean(story, who, person):
    marker = story.people[person]["name"]

    def look():
        hits, _ = search.search(marker, story.net.folder(partner(who)))
        return not hits, hits
    until("de naam is uit de map", look)


@sentence(r"the receipts of (\w+) for (\w+) still verify")
def receipts(story, who, name):
    """Given before the erasure; the tree has only grown since."""
    hand = story.hands[who]
    done = [s for s in story.steps[name] if s[0] == who]
    if not done:
        raise Wrong(f"{who} zette geen stap in {name}")
    for _, _, index in done:
        # A published checkpoint that covers it comes within a second.
        def look(index=index):
            status, out, err = story.net.audit("prove", str(index))
            return status in checks.GOOD, (status, out, err)
        checks.until(f"regel {index} is te bewijzen", look)
    hand.sync()
