"""What a regisseur sees: the live list, and figures that three make alike."""

import json

import figures
from checks import GOOD, Wrong, sentence, until


def partner(short):
    from lang import CAST
    return CAST[short]


def by_partner(story, who, what, period, form):
    words = ["oversight", what] + ([period] if period else [])
    return story.net.keten(partner(who), *words, "--format", form,
                           check=False)


def by_operator(story, who, what, period, form):
    words = ["report", what] + ([period] if period else [])
    return story.net.ctl(*words, "--format", form, "--partner", partner(who),
                         check=False)


def by_auditor(story, who, what, period, form):
    return story.net.run("keten-audit", "report", "--store",
                         story.net.path("broker", "store"), "--partner",
                         partner(who), "--format", form, what, period,
                         check=False)


def good(answer, which):
    status, out, err = answer
    if status != 0:
        raise Wrong(f"{which}: {status}\n{out}{err}")
    return out


def cells(story, who, period):
    out = good(by_operator(story, who, "figures", period, "json"), "ketenctl")
    return figures.published(out)


@sentence(r"(\w+), the operator and the auditor get the same of (\S+)")
def three_alike(story, who, period):
    """Every form of every report, byte for byte, and as before."""
    before = story.memory.setdefault("reports", {})
    for what in ("figures", "gaps"):
        for form in ("json", "csv", "text"):
            ways = {f.__name__: good(f(story, who, what, period, form),
                                     f.__name__)
                    for f in (by_partner, by_operator, by_auditor)}
            if len(set(ways.values())) != 1:
                raise Wrong(f"{what} {form}: {ways}")
            text = ways["by_auditor"]
            if before.setdefault((who, what, period, form), text) != text:
                raise Wrong(f"{what} {form} was eerst anders")
            if "niet geteld" not in text.lower() and form != "json":
                raise Wrong(f"{what} {form} zegt niet wat er niet geteld is")


@sentence(r"the figures of (\S+) are those of a slow count")
def slow_count(story, period):
    """What a program of its own counts in the exported records."""
    out = good(story.net.run("keten-audit", "report", "--store",
                             story.net.path("broker", "store"), "--json",
                             "figures", period), "keten-audit")
    ref = figures.expected(story.net.program("keten-audit"),
                           story.net.path("broker", "store"), period)
    if figures.published(out) != ref.lines():
        raise Wrong(f"{figures.published(out)}\nniet {ref.lines()}")


@sentence(r"(\w+) reads of (\S+) that (\w+) (\S+) happened (\d+) times in "
          r"(\w+) (\S+)")
def reads(story, who, period, figure, key, n, area, group):
    key = "" if key == "-" else key
    rows = [c["n"] for c in cells(story, who, period)
            if (c["figure"], c["key"], c["area"], c["group"]) ==
            (figure, key, area, group)]
    if rows != ([int(n)] if int(n) else []):
        raise Wrong(f"{rows}; alles: {cells(story, who, period)}")


@sentence(r"(\w+) gets no (open|figures|gaps)(?: of (\S+))?: (.+)")
def refused(story, who, what, period, why):
    for status, out, err in (
            by_partner(story, who, what, period or "", "text"),
            by_operator(story, who, what, period or "", "text")):
        if status != 1 or out or why not in err:
            raise Wrong(f"{status} {out} {err}")


@sentence(r"the open list of (\w+) shows (\S+) held by (\w+) as (.+)")
def open_shows(story, who, name, holder, marks):
    want = sorted(marks.split(", "))

    def look():
        out = good(by_partner(story, who, "open", "", "json"), "keten")
        rows = {r["referral"]: r for r in map(json.loads, out.splitlines())
                if "referral" in r}
        row = rows.get(story.referrals[name])
        if row is not None and set(row) != {"referral", "age_hours",
                                            "holder", "group", "marks"}:
            raise Wrong(f"de lijst zegt te veel: {row}")
        return (row is not None and row["holder"] == partner(holder) and
                sorted(row["marks"]) == want), row
    until(f"{name} staat in de lijst", look)


@sentence(r"the open list of (\w+) has (\d+) rows")
def open_has(story, who, n):
    def look():
        out = good(by_partner(story, who, "open", "", "json"), "keten")
        rows = [r for r in map(json.loads, out.splitlines())
                if "referral" in r]
        return len(rows) == int(n) and len(out) > 49152, (len(rows), len(out))
    until(f"{n} rijen, in delen", look)


@sentence(r"the open list of (\w+) does not show (\S+)")
def open_hides(story, who, name):
    out = good(by_partner(story, who, "open", "", "text"), "keten")
    if story.referrals[name] in out:
        raise Wrong(out)


@sentence(r"the open list of (\w+) says that (\w+) cannot be reached")
def open_away(story, who, away):
    def look():
        out = good(by_partner(story, who, "open", "", "json"), "keten")
        rows = [json.loads(line) for line in out.splitlines()]
        return partner(away) in [r.get("unreachable") for r in rows], rows
    # A connection that is cut off is missed at the next heartbeat.
    until(f"{away} is weg", look, 60)


@sentence(r"the log says (\d+) times that (\w+) got a report, and once that "
          r"(\S+) was published")
def access_leaves(story, n, who, period):
    got, published = 0, 0
    for r in figures.export(story.net.program("keten-audit"),
                            story.net.path("broker", "store")):
        access = r.get("facts", {}).get("access", {})
        report = access.get("report")
        if report is None:
            continue
        if report.get("pages"):
            published += report["period"] == period
        elif access["who"] == partner(who) and report.get("period") and \
                len(report["sha256"]) == 64:
            got += 1
    if (got, published) != (int(n), 1):
        raise Wrong(f"{got} gekregen, {published} gepubliceerd")


@sentence(r"the log played again gives the same")
def replayed(story):
    status, out, err = story.net.run(
        "keten-audit", "replay", "--store",
        story.net.path("broker", "store"), check=False)
    if status not in GOOD:
        raise Wrong(f"{status}\n{out}{err}")
