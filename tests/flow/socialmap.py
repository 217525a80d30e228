"""Sentences about the catalogue (sociale kaart).

    map       lwdb: add dienst=DST-101 capaciteit=ja gebieden=GM0855
    expect    thuiszorg finds lwdb for DST-101 in WK085502
    expect    thuiszorg finds lwdb for DST-101 in WK085502 declined AFW-01
              ... with capacity NONE | open | closed | out of date
    expect    thuiszorg finds nobody for DST-205 in WK085503

What stands behind the colon goes to `keten catalogue` as it is; with "refused
CODE" at the end it has to be refused like that.
"""

import json
import os
import shlex

from checks import GOOD, Wrong, sentence, until

FINDS = r"(\w+) finds (\w+) for (DST-\d+)(?: in (\w+))?"


def search(story, who, code, area):
    """The rows that `keten catalogue` shows somebody."""
    from lang import CAST
    where = ["--area", area] if area else []
    return story.net.keten_json(CAST[who], "catalogue", "--code", code,
                                *where)


def say(story, rest):
    """One line of the story: somebody says something on the map."""
    from lang import CAST
    who, _, words = rest.partition(":")
    words = shlex.split(words)
    code = None
    if len(words) > 1 and words[-2] == "refused":
        code = words[-1]
        words = words[:-2]
    status, out, err = story.net.keten(
        CAST[who.strip()], "catalogue", *words, "--json", check=False)
    got = json.loads(out.splitlines()[-1]) if out.strip() else {}
    if code is None and status != 0:
        raise Wrong(f"status {status}: {out}{err}")
    if code is not None and got.get("code") != code and code not in err:
        raise Wrong(f"niet geweigerd met {code}: {out}{err}")


def is_so(row, word):
    """Does a row say so?"""
    entry = row["entry"] or {}
    word, _, value = word.partition(" ")
    if word == "declined":
        return row["declined"] == value
    if word == "capacity":
        return entry.get("capacity") == value
    if word == "known":
        return entry != {}
    if word == "open":
        return entry.get("open") is True
    if word == "closed":
        return entry.get("open") is False
    if word == "out":
        return entry.get("stale") is True
    return entry != {} and row["declined"] == "" and not entry["stale"]


@sentence(FINDS + r"(?: (as offered|declined [\w-]+|open|closed|out of date)"
          r"| with (capacity \w+))?")
def finds(story, who, whom, code, area, word, other):
    from lang import CAST
    word = word or other or "as offered"

    def look():
        rows = search(story, who, code, area)
        mine = [r for r in rows if whom == "nobody"
                or r["partner"] == CAST[whom]]
        if whom == "nobody":
            return not mine, rows
        return len(mine) == 1 and is_so(mine[0], word), rows
    until(f"{who} vindt {whom} voor {code}: {word}", look)


@sentence(r"the log counts (\d+) times? missing")
def counts_missing(story, times):
    """What was found missing, in the log as the auditor reads it."""
    rows = [json.loads(line) for line in
            story.net.audit("export", "--format", "jsonl")[1].splitlines()]
    found = [r for r in rows if (r.get("facts") or {}).get("missing")]
    if len(found) != int(times):
        raise Wrong(f"{len(found)} keer in {len(rows)} regels: {found}")


@sentence(r"the log can be had in every form")
def every_form(story):
    """What is about no referral is in every export too."""
    for form in ("jsonl", "csv", "fhir", "tiles"):
        words = ["--format", form]
        if form == "tiles":
            words.append(story.net.path("tiles"))
        status, out, err = story.net.audit("export", *words)
        if status not in GOOD:
            raise Wrong(f"{form}: {status} {err}")
        if form != "tiles" and "DST-205" not in out:
            raise Wrong(f"{form}: niets van DST-205 in {out[-2000:]}")


# --- by folder ----------------------------------------------------------------

def answer(story, who, name, text):
    """Put a file in somebody's folder; (place, what stands beside it)."""
    from lang import CAST
    partner = CAST[who]
    story.net.drop(partner, name, text)
    seen = {}

    def look():
        for place, ending in (("done", ".uitkomst.txt"),
                              ("failed", ".fout.txt")):
            path = story.net.folder(partner, place, name + ending)
            if os.path.exists(path) and os.path.exists(path[:-len(ending)]):
                with open(path, encoding="utf-8") as f:
                    seen["is"] = (place, f.read())
                return True, seen
        return False, name
    until(f"antwoord op {name}", look)
    return seen["is"]


@sentence(r"the sample (\S+) of (\w+) is taken for (.*)")
def sample_taken(story, path, who, codes):
    with open(path, encoding="utf-8") as f:
        place, text = answer(story, who, os.path.basename(path), f.read())
    lines = [x for x in text.splitlines() if "op de sociale kaart" in x]
    if place != "done" or len(lines) != len(codes.split(", ")):
        raise Wrong(f"{place}: {text}")
    for code in codes.split(", "):
        finds(story, who, who, code, None, "known", None)


@sentence(r"(\w+) drops (\S+) with '(.*)' and reads (.*)")
def drops(story, who, name, text, words):
    place, got = answer(story, who, name, text.replace("\\n", "\n"))
    for word in words.split(" and "):
        if word not in got:
            raise Wrong(f"{place}: {got}")
