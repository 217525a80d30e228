"""What a story can expect: one function per sentence.

A check waits until what it expects is true, or raises with what it found.
"""

import re
import time

from network import Trouble, wait_for

SENTENCES = []
PATIENCE = 60.0
GOOD = (0, 10, 11)           # exit statuses of keten-audit
NAMES = r"[\w.]+(?:, [\w.]+)*"


class Wrong(Trouble):
    """An expectation that did not come true."""


def sentence(pattern):
    def keep(check):
        SENTENCES.append((re.compile(pattern), check))
        return check
    return keep


def until(what, ready, patience=PATIENCE):
    """wait_for(), with what was last seen in the message."""
    patience = max(patience, PATIENCE)
    seen = {}

    def look():
        value, seen["is"] = ready()
        return value
    try:
        wait_for(what, look, patience, 0.02)
    except Trouble:
        raise Wrong(f"{what}: na {patience:.0f} s nog niet; "
                    f"gezien: {seen.get('is')}") from None


def names_of(story, text):
    """'R1, R2' or 'each R'."""
    if text.startswith("each "):
        return story.sets[text[5:]]
    return [n.strip() for n in text.split(",")]


# --- what a partner sees -----------------------------------------------------

@sentence(r"(\w+) is offered ((?:each )?[\w.]+)")
def is_offered(story, who, what):
    for name in names_of(story, what):
        def look(name=name):
            v = story.view(who, name)
            return v.get("offer_state") in ("OPEN", "SEEN"), v
        until(f"{who} heeft een aanbod voor {name}", look)


@sentence(r"(\w+) knows nothing of (\w+)")
def knows_nothing(story, who, name):
    story.hands[who].sync()
    if story.view(who, name):
        raise Wrong(f"{who} kent {name} toch")


@sentence(r"(\w+) sees the offer of (\w+) as (\w+)(?: because (\w+))?")
def offer_state(story, who, name, state, reason):
    def look():
        v = story.view(who, name)
        return v.get("offer_state") == state, v
    until(f"{who}: aanbod {name} is {state}", look)
    if reason:
        told = [n["text"] for n in news(story, who, name)]
        if not any(reason in t for t in told):
            raise Wrong(f"{who} hoorde {reason} niet: {told}")


@sentence(rf"({NAMES}) sees? ((?:each )?[\w.]+) as ([A-Z_]+)"
          r"(?: held by (\w+))?(?: in epoch (\d+))?( overdue)?")
def sees(story, who, what, state, holder, epoch, overdue):
    from lang import CAST
    for short in who.split(", "):
        for name in names_of(story, what):
            def look(short=short, name=name):
                v = story.view(short, name)
                good = v.get("state") == state
                good = good and (not holder or v["holder"] == CAST[holder])
                good = good and (not epoch or v["epoch"] == int(epoch))
                good = good and (not overdue or v["overdue"])
                return good, v
            until(f"{short} ziet {name} als {state}", look)


@sentence(rf"({NAMES}) holds ([\w.]+) for ({NAMES})")
def holds(story, who, name, readers):
    from lang import CAST
    for short in readers.split(", "):
        def look(short=short):
            v = story.view(short, name)
            return v.get("holder") == CAST[who], v
        until(f"{who} is houder van {name} bij {short}", look)


def listed(story, who, name):
    """The row of the partner's own list of open work."""
    rows = [r for r in story.hands[who].list()
            if r["referral"] == story.referrals[name]]
    return rows[0] if rows else {}


def shows_until(story, who, name, at, text, field, more=None):
    from lang import read_instant
    want = read_instant(text, 0)

    def look():
        row = listed(story, who, name)
        good = row.get(field) == want
        return good and all(row.get(k) == v for k, v in
                            (more or {}).items()), row
    until(f"{who} ziet {name} {at} {text}", look)


@sentence(r"(\w+)'s list shows the offer of ([\w.]+) until "
          r"(\d+-\d\d-\d\d \d\d:\d\d)")
def lists_offer(story, who, name, at):
    shows_until(story, who, name, "aanbod tot", at, "offer_until_ms")


@sentence(r"(\w+)'s list shows ([\w.]+) waiting for ([A-Z]+) until "
          r"(\d+-\d\d-\d\d \d\d:\d\d)")
def lists_term(story, who, name, term, at):
    shows_until(story, who, name, f"{term} tot", at, "next_ms",
                {"next_term": term})


@sentence(r"the broker has ([\w.]+) waiting for ([A-Z]+) until "
          r"(\d+-\d\d-\d\d \d\d:\d\d)")
def broker_waits(story, name, term, text):
    from lang import read_instant
    want = read_instant(text, 0)

    def look():
        data = story.net.ask(cmd="show", referral=story.referrals[name])
        rows = data.get("terms") or data["state"]["terms"]
        return {"term": term, "at_ms": want, "frozen": False} in rows, rows
    until(f"{name} wacht op {term} tot {text}", look)


@sentence(r"the broker's log says (\w+) (\d+) times")
def broker_says(story, word, times):
    def look():
        with open(story.net.path("log", "ketend.log"),
                  encoding="utf-8") as f:
            n = len(re.findall(rf"\b{word}\b", f.read()))
        return n == int(times), n
    until(f"de makelaar zegt {times} keer {word}", look)


@sentence(r"(\w+) may not (\w+) (\w+)")
def may_not(story, who, step, name):
    from lang import VERBS
    story.hands[who].sync()
    v = story.view(who, name)
    if VERBS[step] in re.split(r"[ ,]+", v.get("may", "")):
        raise Wrong(f"{who} mag {step} wel: {v}")


def news(story, who, name=None):
    hand = story.hands[who]
    return [n for n in list(hand.news)
            if name is None or n["referral"] == story.referrals.get(name)]


@sentence(r"(\w+) is told (\w+) of (\w+)(?: (once))?")
def is_told(story, who, step, name, once):
    def look():
        steps = [n["step"] for n in news(story, who, name)]
        return step in steps, steps
    until(f"{who} hoort {step} van {name}", look)
    if once:
        story.hands[who].sync()
        steps = [n["step"] for n in news(story, who, name)]
        if steps.count(step) != 1:
            raise Wrong(f"{who} hoorde {step} {steps.count(step)} keer")


@sentence(r'(\w+) reads of ([\w.]+) "(.+)"')
def reads_news(story, who, name, words):
    def look():
        said = [n["text"] for n in news(story, who, name)]
        return any(words in text for text in said), said
    until(f"{who} leest van {name}: {words}", look)


# --- sealed parts ------------------------------------------------------------

@sentence(r'(\w+) reads the note of ([\w.]+)(?: "(.*)")?')
def reads_note(story, who, name, wanted):
    hand = story.hands[who]

    def look():
        text = hand.open_part(story.referrals[name], "note")
        return text is not None and (wanted or "") in text, (
            text or hand.latest)
    until(f"{who} leest de toelichting van {name}", look)


@sentence(r'(\w+) reads "(.*)" in (\w+)')
def reads_text(story, who, wanted, name):
    hand = story.hands[who]

    def look():
        text = hand.open_part(story.referrals[name], "text")
        return text is not None and wanted in text, text or hand.latest
    until(f"{who} leest de tekst bij {name}", look)


@sentence(r'(\w+) cannot read "(.*)" in (\w+)')
def cannot_read(story, who, unwanted, name):
    hand = story.hands[who]
    hand.sync()
    text = hand.open_part(story.referrals[name], "text")
    if text is not None and unwanted in text:
        raise Wrong(f"{who} kan het wel lezen: {text}")


@sentence(r"(\w+) opens the person of ([\w.]+)")
def opens_person(story, who, name):
    marker = story.submitted[name]["name"]
    hand = story.hands[who]

    def look():
        text = hand.open_part(story.referrals[name], "person")
        return text is not None and marker in text, text or hand.latest
    until(f"{who} opent het persoonsdeel van {name}", look)
    story.memory["opened", who, name] = time.monotonic()


# How much longer something may take where the machine has other work: what is
# waited for without need takes much longer, or for ever.
BUSY = 10


@sentence(r"(\w+) opened the person of ([\w.]+) within ([\d.]+) seconds of "
          r"accepting")
def opened_within(story, who, name, seconds):
    took = (story.memory["opened", who, name]
            - story.accepted_at[who, name])
    if took > float(seconds) * BUSY:
        raise Wrong(f"het duurde {took:.2f} s")
    if took > float(seconds):
        print(f"# {took:.2f} s, meer dan {seconds}: een drukke machine?")


@sentence(r"(\w+) cannot open the person of ([\w.]+)")
def cannot_open(story, who, name):
    hand = story.hands[who]
    hand.sync()
    text = hand.open_part(story.referrals[name], "person")
    if text is not None:
        raise Wrong(f"{who} kan het persoonsdeel openen: {text}")


# --- races -------------------------------------------------------------------

def settle_last(story):
    """Wait for every outcome of the last line of steps."""
    for job in story.last:
        if "out" not in job:
            story.finish(job)


def outcomes(story, name):
    return {j["who"]: j["out"] for j in story.last if j["name"] == name}


@sentence(r"one of (\w+), (\w+) holds ((?:each )?[\w.]+) and the other got "
          r"CONFLICT")
def one_holds(story, a, b, what):
    from lang import CAST
    settle_last(story)
    wins = story.memory.setdefault("wins", {a: 0, b: 0})
    for name in names_of(story, what):
        out = outcomes(story, name)
        winner = [w for w in (a, b) if out[w]["status"] == "done"]
        loser = [w for w in (a, b) if out[w]["status"] == "refused"
                 and out[w]["code"] == "CONFLICT"]
        if len(winner) != 1 or len(loser) != 1:
            raise Wrong(f"{name}: {out}")
        wins[winner[0]] += 1
        owner = next(j for j in story.cast if j not in (a, b)
                     and story.view(j, name))
        for short in (owner, winner[0]):
            def look(short=short, name=name, winner=winner):
                v = story.view(short, name)
                return v.get("holder") == CAST[winner[0]], v
            until(f"{short}: {name} is van {winner[0]}", look)

        def lost(name=name, loser=loser):
            v = story.view(loser[0], name)
            return v.get("offer_state") == "NOT_SELECTED", v
        until(f"{loser[0]} weet dat {name} weg is", lost)


@sentence(r"(\w+) and (\w+) agree that each (\w+) is CLOSED or ACCEPTED")
def closed_or_accepted(story, b, k, base):
    from lang import CAST
    settle_last(story)
    wins = story.memory.setdefault("wins", {b: 0, k: 0})
    for name in story.sets[base]:
        out = outcomes(story, name)
        winner = [w for w in (b, k) if out[w]["status"] == "done"]
        loser = [w for w in (b, k) if out[w]["code"] == "CONFLICT"]
        if len(winner) != 1 or len(loser) != 1:
            raise Wrong(f"{name}: {out}")
        wins[winner[0]] += 1
        state = "CLOSED" if winner[0] == b else "ACCEPTED"
        for short in (b, k):
            def look(short=short, name=name, state=state):
                v = story.view(short, name)
                good = v.get("state") == state
                if state == "ACCEPTED":
                    good = good and v["holder"] == CAST[k]
                return good, v
            until(f"{short} ziet {name} als {state}", look)


@sentence(r"all of it is in the log")
def all_done(story):
    settle_last(story)
    for job in story.last:
        if job["out"]["status"] != "done":
            raise Wrong(f"{job['who']} {job['step']} {job['name']}: "
                        f"{job['out']}")


@sentence(r"both have won at least once")
def both_won(story):
    wins = story.memory["wins"]
    total = sum(wins.values())
    if total >= 100 and min(wins.values()) == 0:
        raise Wrong(f"steeds dezelfde won: {wins}")


# --- the broker ---------------------------------------------------------------

@sentence(r"the broker was up within ([\d.]+) seconds?")
def up_within(story, seconds):
    if story.started_in > float(seconds) * BUSY:
        raise Wrong(f"het duurde {story.started_in:.2f} s")


# --- time and order ---------------------------------------------------------------

@sentence(r"(\w+) got everything once and in order")
def once_in_order(story, who):
    story.hands[who].sync()
    rows = news(story, who)
    seqs = [n["seq"] for n in rows]
    pairs = [(n["index"], n["referral"], n["step"]) for n in rows
             if n["index"]]
    if seqs != sorted(set(seqs)):
        raise Wrong(f"niet op volgorde: {seqs}")
    if len(pairs) != len(set(pairs)):
        twice = [p for p in pairs if pairs.count(p) > 1]
        raise Wrong(f"dubbel: {twice}")
    per = {}
    for n in rows:
        if n["index"] and n["index"] < per.get(n["referral"], 0):
            raise Wrong(f"verwijzing {n['referral']} door elkaar")
        per[n["referral"]] = n["index"]


@sentence(r"(\w+) has (\d+) offers waiting")
def offers_waiting(story, who, count):
    def look():
        rows = [r for r in story.hands[who].list()
                if r["offer_state"] in ("OPEN", "SEEN")]
        return len(rows) == int(count), len(rows)
    until(f"{who} heeft {count} aanbiedingen", look)


@sentence(r"(\w+) never waited longer than ([\d.]+) seconds")
def not_slowed(story, who, seconds):
    worst = max(story.latencies[who])
    if worst > float(seconds) * BUSY:
        raise Wrong(f"het langst was {worst:.2f} s")


# --- the whole set -----------------------------------------------------------------


@sentence(r"(\w+) submitted (\d+) referrals, no more and no less")
def counted(story, who, count):
    from lang import CAST
    rows = [r for r in story.hands[who].list()
            if r["originator"] == CAST[who]]
    if len(rows) != int(count):
        raise Wrong(f"het zijn er {len(rows)}")


@sentence(r"(\w+) is told that (\w+) cannot be reached for ([A-Z]+-\d+)")
def told_unreachable(story, who, away, code):
    from lang import CAST
    text = story.hands[who].call(
        "resolve", code=code, area="WK085503", urgency=2, basis="G-TOE",
        discussed=1)["text"]
    if not re.search(rf"{CAST[away]}.*niet bereikbaar|niet bereikbaar.*"
                     rf"{CAST[away]}", text):
        raise Wrong(text)


@sentence(r"(\w+) sends three commands on (\w+) twice and gets the same "
          r"outcomes")
def nervous(story, who, name):
    """The device itself, from another program: the same bytes again."""
    import raw
    from lang import CAST
    hand = story.hands[who]
    hand.stop()
    with raw.Client.of_device(story.net, CAST[who]) as client:
        client.hello()
        referral = bytes.fromhex(story.referrals[name].replace("-", ""))
        sent = []
        for step in ("ACCEPT", "START", "REPORT"):
            state = client.state(referral)
            more = {"seen_version": state.version}
            if step == "ACCEPT":
                more["offer"] = next(o.number for o in state.offers
                                     if o.state <= client.p.OFFER_SEEN)
            sent.append(client.command(step, referral, **more))
            first = client.outcome(sent[-1])
            if not hasattr(first, "repeat") or hasattr(first, "code"):
                raise Wrong(f"{step}: {first}")
        for message in sent:
            first = client.outcomes[message.number]
            client.send_again(message)
            again = client.outcome(message, again=True)
            if not again.repeat or \
                    again.record.leaf != first.record.leaf or \
                    again.record.index != first.record.index:
                raise Wrong(f"{message.step}: {first} en toen {again}")
    hand.start()


@sentence(r"the queue shows (\w+) waiting")
def queue_shows(story, who):
    from lang import CAST
    rows = story.net.ask(cmd="queue")
    if not any(r["partner"] == CAST[who] and r["waiting"] > 0
               and not r["connected"] for r in rows):
        raise Wrong(f"de wachtrij is {rows}")
