"""The language of the scenarios: one sentence per line, readable aloud.

    # 04: two candidates accept at the same moment
    cast      thuiszorg, lwdb, welzijn, gemeente
    person    P  "Wilhelmina Kruidenier-Zwaluw"
    thuiszorg submits R1 DST-102 WK085501 about P note "Warm eten, 's avonds."
    lwdb      accepts R1  &  welzijn accepts R1
    expect    one of lwdb, welzijn holds R1 and the other got CONFLICT

What a line can be:

    cast      who takes part; everybody gets a device and a driver
    hands     welzijn: command line, lwdb: folder      instead of a driver
    route     DST-102: lwdb welzijn | thuiszorg        rungs, parted by |
    clock     is monday 2026-11-23 09:00               a clock moved by hand
              goes to friday 17:00 | goes on 30 minutes
              is moved to 2026-11-23 09:30 while nobody looks
    person    P "name", who referrals can be about
    broker    is killed | stops | starts
    operator  makes a backup | loses the disk | puts the backup back | accepts ...
    map       X: add dienst=DST-101 capaciteit=ja      keten catalogue
    X         verb R ...             a step; & joins steps of one moment.
              ... refused CODE       it has to be refused like that
    expect    ...                    one line of TAP each
    repeat    20 times ... end

After a verb and a name of a referral come words in any order: codes and areas
as they are, and: about P, note "...", text "...", relates R, parent R, child R,
to X, first X, never X, units N, done N of M, for N days, since N days.
`10 R` instead of `R1` stands for R.1 ... R.10, and `each R` for all of them.
"""

import os
import random
import re
import shlex
import threading
import time

import checks
import erasing
import evidence
import quiet
import regisseur
import restoring
import socialmap
from hands import (CommandLine, Driver, Folder, LocalRefusal, DAY_MS)
from network import Network, Trouble, wait_for

CAST = {
    "lwdb": "lwdb-noord", "thuiszorg": "thuiszorg-t", "welzijn": "welzijn-w",
    "corporation": "corporatie-c", "carers": "mantelzorg-m",
    "volunteers": "vrijwilligers-v", "oost": "v-oost", "west": "v-west",
    "zuid": "v-zuid", "care": "zorg-z", "gemeente": "gemeente-r",
    "auditor": "auditor-a",
}
SHORT = {full: short for short, full in CAST.items()}

VERBS = {
    "submits": "SUBMIT", "reviews": "REVIEW", "asks": "ASK",
    "answers": "ANSWER", "accepts": "ACCEPT", "declines": "DECLINE",
    "offers": "OFFER_MORE", "confirms": "CONFIRM", "returns": "RETURN",
    "starts": "START", "pauses": "PAUSE", "resumes": "RESUME",
    "reports": "REPORT", "supplements": "SUPPLEMENT",
    "hurries": "RAISE_URGENCY", "hands": "HAND_OVER",
    "retracts": "RETRACT", "takes": "TAKE_OVER", "completes": "COMPLETE",
    "gives": "GIVE_UP", "fails": "FAIL", "withdraws": "WITHDRAW",
    "begs": "REQUEST_WITHDRAWAL", "agrees": "AGREE_WITHDRAWAL",
    "refuses": "REFUSE_WITHDRAWAL", "cancels": "MARK_ERROR",
    "acknowledges": "ACKNOWLEDGE", "reopens": "REOPEN",
    "erases": "ERASE", "retains": "RETAIN", "releases": "UNRETAIN",
}
# Small words that make a sentence and mean nothing more: "hands over R1",
# "begs back R1", "gives up R1", "takes over R1".
FILLERS = {"over", "up", "back", "back:", "with", "and", "by", "because"}

WORDS = (  # a word that says by its shape what it is
    (re.compile(r"(SIG|DST)-\d{3}$"), "code"),
    (re.compile(r"(GM|WK|BU)\d+$"), "area"),
    (re.compile(r"(AFW|RED)-\d\d$"), "reason"),
    (re.compile(r"UIT-\d\d$"), "outcome"),
    (re.compile(r"BUI-\d\d$"), "outside"),
    (re.compile(r"G-[A-Z]{3}$"), "basis"),
    (re.compile(r"(LOW|NORMAL|HIGH|EMERGENT)$"), "urgency"),
)
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
        "sunday")
SETTLE = 60.0
# When in a moment of hurry the broker is killed, in seconds.
KILL_WINDOW = 0.02
KILL_PER_STEP = 0.002


class Failure(Exception):
    """The story did not go as it was written."""


# --- the clock of Amsterdam --------------------------------------------------

def _last_sunday(year, month):
    """01:00 UTC on the last Sunday of a month, in seconds."""
    import calendar
    day = max(week[6] for week in calendar.monthcalendar(year, month))
    return calendar.timegm((year, month, day, 1, 0, 0))


def utc_offset(seconds):
    """Seconds that Amsterdam is ahead, by the rule of the European Union."""
    year = time.gmtime(seconds).tm_year
    summer = _last_sunday(year, 3) <= seconds < _last_sunday(year, 10)
    return 7200 if summer else 3600


def local_ms(year, month, day, hour, minute):
    import calendar
    guess = calendar.timegm((year, month, day, hour, minute, 0))
    return (guess - utc_offset(guess - 3600)) * 1000


def read_instant(text, now_ms):
    """'monday 2026-11-23 09:00', 'friday 17:00' (the next), in ms."""
    hit = re.search(r"(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d)$", text)
    if hit:
        return local_ms(*map(int, hit.groups()))
    day, clock = text.split()
    hour, minute = map(int, clock.split(":"))
    at = now_ms // 1000
    for ahead in range(8):
        t = time.gmtime(at + utc_offset(at) + ahead * 86400)
        ms = local_ms(t.tm_year, t.tm_mon, t.tm_mday, hour, minute)
        if t.tm_wday == DAYS.index(day) and ms > now_ms:
            return ms
    raise Failure(f"geen moment: {text}")


# --- the story ---------------------------------------------------------------------

class Story:
    """One .flow file, played once."""

    def __init__(self, path, root, build, tell, seed):
        self.name = os.path.splitext(os.path.basename(path))[0]
        with open(path, encoding="utf-8") as f:
            self.lines = f.read().splitlines()
        self.root = root
        self.build = build
        self.tell = tell
        self.random = random.Random(seed)
        self.net = None
        self.cast = []
        self.hand_names = {}
        self.routes = {}
        self.clock_ms = None
        self.settings = {}
        self.hands = {}
        self.people = {}
        self.referrals = {}       # R1 -> id
        self.sets = {}            # R -> [R.1, R.2 ...]
        self.submitted = {}       # R1 -> person, or None
        self.last = []            # [(actor, step, name, outcome)] of a line
        self.accepted_at = {}     # (actor, R1) -> when the receipt was here
        self.steps = {}           # R1 -> [(actor, step, index)]
        self.repeated = None      # expectations inside a repeat, by line
        self.started_in = None
        self.latencies = {}       # actor -> [seconds]
        self.memory = {}          # what one expectation leaves for another
        title = self.lines[0].lstrip("# ") if self.lines else self.name
        self.title = title

    # --- setting up -------------------------------------------------------------

    def patch(self, tree):
        for code, rungs in self.routes.items():
            tree["routes"] = [r for r in tree["routes"]
                              if r.get("codes") != [code]]
            for route in tree["routes"]:
                route["codes"] = [c for c in route["codes"] if c != code]
            tree["routes"].append({"id": "R-flow-" + code, "codes": [code],
                                   "rungs": rungs})
            tree["routes"] = [r for r in tree["routes"] if r["codes"]]

    def begin(self):
        """Make the network of the cast, the first time somebody acts."""
        if self.net is not None:
            return
        self.net = Network(self.root, self.build,
                           patch=self.patch if self.routes else None,
                           clock_ms=self.clock_ms, settings=self.settings)
        everybody = [CAST[c] for c in self.cast]
        self.net.make(everybody)
        self.started_in = self.net.start_broker()
        self.net.enrol(everybody)
        for short in self.cast:
            self.hands[short] = self.hand(short)
            self.hands[short].start()
        for hand in self.hands.values():
            hand.sync()

    def hand(self, short):
        kind = self.hand_names.get(short, self.hand_names.get("all"))
        partner = CAST[short]
        if kind is None or kind == "driver":
            return Driver(self.net, partner)
        if kind == "command line":
            return CommandLine(self.net, partner)
        hit = re.match(r"folder(?: of (\w+))?$", kind)
        if hit is None:
            raise Failure(f"geen hand: {kind}")
        from network import ADAPTERS
        return Folder(self.net, partner,
                      hit.group(1) or ADAPTERS.get(partner, "welzijn"))

    def end(self):
        if self.net is not None:
            for hand in self.hands.values():
                hand.stop()
            return self.net.stop()
        return []

    # --- reading ------------------------------------------------------------------

    def play(self):
        try:
            self.block(0, len(self.lines))
            self.begin()
            self.expect("the log verifies and replays")
        except BaseException:
            self.end()
            raise
        unwell = self.end()
        if unwell:
            raise Failure(f"eindigden niet goed: {unwell}")

    def block(self, at, end):
        while at < end:
            line = self.lines[at]
            words = line.split("#")[0].strip() if '"' not in line else \
                line.strip()
            at += 1
            if not words or words.startswith("#"):
                continue
            hit = re.match(r"repeat\s+(\d+)\s+times", words)
            if hit:
                at = self.repeat(at, int(hit.group(1)))
                continue
            try:
                self.line(words)
            except (Failure, Trouble, LocalRefusal) as e:
                raise Failure(f"regel {at}: {words}\n{e}") from e
            except KeyError as e:
                raise Failure(f"regel {at}: {words}\nwie of wat is {e}?") \
                    from e

    def repeat(self, begin, times):
        end = next(i for i in range(begin, len(self.lines))
                   if self.lines[i].strip() == "end")
        self.repeated = {}
        times = int(os.environ.get("KETEN_FLOW_TIMES", times))
        for n in range(times):
            self.memory["round"] = n
            self.block(begin, end)
        for text, count in self.repeated.items():
            self.tell(True, f"{text} ({count} keer)")
        self.repeated = None
        return end + 1

    def line(self, words):
        first, _, rest = words.partition(" ")
        rest = rest.strip()
        simple = getattr(self, "do_" + first, None)
        if simple is not None:
            simple(rest)
        elif first == "expect":
            self.begin()
            self.expect(rest)
        elif words.endswith(" go along with it"):
            restoring.go_along(self, re.findall(r"\w+", words[:-17]))
        else:
            self.begin()
            self.act(words)

    # --- lines that set the scene -----------------------------------------------

    def do_cast(self, rest):
        self.cast = [w.strip() for w in rest.split(",")]

    def do_hands(self, rest):
        for pair in rest.split(","):
            who, _, kind = pair.partition(":")
            self.hand_names[who.strip()] = kind.strip()

    def do_route(self, rest):
        code, _, rungs = rest.partition(":")
        self.routes[code.strip()] = [
            [CAST[w] for w in rung.split()] for rung in rungs.split("|")]

    def do_setting(self, rest):
        """setting limits.rate 100000"""
        path, value = rest.split(None, 1)
        head, _, leaf = path.partition(".")
        self.settings.setdefault(head, {})[leaf] = int(value) \
            if value.isdigit() else value

    def do_play(self, rest):
        """Play the lines of another file here."""
        with open(os.path.join(os.path.dirname(__file__), rest),
                  encoding="utf-8") as f:
            mine, self.lines = self.lines, f.read().splitlines()
        try:
            self.block(0, len(self.lines))
        finally:
            self.lines = mine

    def do_person(self, rest):
        words = shlex.split(rest)
        self.people[words[0]] = {
            "name": words[1], "birth_date": "1938-03-14",
            "street": "Lijsterbesstraat", "housenumber": "12",
            "postcode": "5038 ZX", "city": "Voorbeeldstad",
            "phone": "013-5559876",
            "story": f"{words[1]} doet de deur niet meer open."}

    def do_clock(self, rest):
        if rest.startswith("is ") and not rest.startswith("is moved"):
            self.clock_ms = read_instant(rest[3:], 0)
            return
        self.begin()
        now = self.net.clock_ms
        hit = re.match(r"is moved to (.*) while nobody looks$", rest)
        if hit:
            self.net.set_clock(read_instant(hit.group(1), now))
            return
        hit = re.match(r"goes on (\d+) (minute|hour|day)s?", rest)
        if hit:
            unit = {"minute": 60, "hour": 3600, "day": 86400}[hit.group(2)]
            to = now + int(hit.group(1)) * unit * 1000
        else:
            to = read_instant(rest.replace("goes to ", ""), now)
        quiet.clock_goes_on(self, to)

    def do_map(self, rest):
        """map lwdb: add dienst=DST-101 capaciteit=ja"""
        self.begin()
        socialmap.say(self, rest)

    def do_broker(self, rest):
        self.begin()
        if rest == "is killed":
            self.net.kill_broker()
        elif rest == "stops":
            self.net.stop_broker()
        elif rest in ("starts", "starts again"):
            self.started_in = self.net.start_broker()
            self.connected()
        else:
            raise Failure(f"de makelaar kan niet: {rest}")

    def do_operator(self, rest):
        """operator makes a backup | loses the disk | ..."""
        self.begin()
        restoring.operator(self, rest)

    def connected(self):
        """Everybody who was there has come back."""
        for short, hand in self.hands.items():
            if isinstance(hand, Driver) and hand.child is not None:
                hand.wait(lambda h=hand: h.connected, f"{short} is terug")

    # --- steps ---------------------------------------------------------------------

    def act(self, words):
        """One line of steps; those joined by & happen at the same moment."""
        moments = [self.sentence(part.strip())
                   for part in re.split(r"\s&\s", words)]
        killed = any(m is None for m in moments)
        jobs = [job for m in moments if m is not None for job in m]
        if len(jobs) > 1:
            self.random.shuffle(jobs)
        if not killed and len(jobs) == 1:
            self.ready_for(jobs[0])
        elif jobs:
            self.everybody_ready(jobs)
        axe = None
        if killed:
            axe = threading.Timer(self.random.random() * (
                KILL_WINDOW + KILL_PER_STEP * len(jobs)),
                self.net.kill_broker)
            axe.start()
        for job in jobs:
            job["began"] = time.monotonic()
            job["order"] = self.hands[job["who"]].begin(
                job["step"], **job["fields"])
        self.last = jobs
        if axe is not None:
            axe.join()
            return
        for job in jobs:
            self.finish(job)

    def sentence(self, text):
        """The jobs of "welzijn accepts each R refused CONFLICT"."""
        if text == "broker is killed":
            return None
        text = text.replace("“", '"').replace("”", '"')
        words = shlex.split(text)
        who, verb, *rest = words
        if who not in self.hands:
            raise Failure(f"wie is {who}?  Noem hem in cast.")
        if verb in ("leaves", "comes", "dies"):
            self.presence(who, verb)
            return []
        if verb not in VERBS:
            raise Failure(f"wat is '{verb}'?")
        rest = [w for w in rest if w not in FILLERS]
        refused = None
        if len(rest) > 1 and rest[-2] == "refused":
            refused = rest[-1]
            rest = rest[:-2]
        names, rest = self.named(VERBS[verb], rest)
        fields = self.fields(rest)
        return [self.job(who, VERBS[verb], name, dict(fields), refused,
                         len(names) == 1) for name in names]

    def named(self, step, rest):
        """The referrals meant: R1, "10 R" (new ones), "each R"."""
        if rest[0] == "each":
            return self.sets[rest[1]], rest[2:]
        if rest[0].isdigit() and step == "SUBMIT":
            base = rest[1]
            size = int(os.environ.get("KETEN_FLOW_SIZE", rest[0])
                       if self.repeated is not None else rest[0])
            self.sets[base] = [f"{base}.{i + 1}" for i in range(size)]
            return self.sets[base], rest[2:]
        return [rest[0]], rest[1:]

    def fields(self, rest):
        out = {}
        i = 0
        while i < len(rest):
            word = rest[i]
            shape = next((f for pattern, f in WORDS if pattern.match(word)),
                         None)
            if shape:
                out[shape] = word
                i += 1
                continue
            arg = rest[i + 1] if i + 1 < len(rest) else None
            if arg is None:
                raise Failure(f"wat is '{word}'?")
            i += 2
            if word in ("note", "text"):
                out[word] = arg
            elif word == "about":
                out["person"] = self.people[arg]
            elif word in ("relates", "parent", "child"):
                out[word] = self.referrals[arg]
            elif word == "to":
                out["to"] = CAST[arg]
            elif word in ("first", "never"):
                out[word] = [CAST[w] for w in arg.split(",")]
            elif word == "units":
                out["units"] = int(arg)
            elif word == "version":
                out["version"] = int(arg)
            elif word == "done":
                out["units_done"], out["units_total"] = \
                    int(arg), int(rest[i + 1])
                i += 2
            elif word in ("for", "within"):
                field = "until_ms" if word == "for" else "end_ms"
                now = self.net.clock_ms or int(time.time() * 1000)
                out[field] = now + int(arg) * DAY_MS
                i += 1
            else:
                raise Failure(f"wat is '{word}'?")
        return out

    def job(self, who, step, name, fields, refused, alone):
        if step == "SUBMIT":
            fields.setdefault("urgency", "NORMAL")
            fields.setdefault("basis", "G-TOE")
            fields.setdefault("discussed", "AGREES")
            self.submitted[name] = fields.get("person")
        else:
            fields["referral"] = self.referrals[name]
        return {"who": who, "step": step, "name": name, "fields": fields,
                "refused": refused, "alone": alone}

    def ready_for(self, job):
        """Wait until who acts knows what it acts on."""
        hand = self.hands[job["who"]]
        if job["step"] == "SUBMIT":
            return
        hand.sync()
        if job["refused"] or job["step"] in erasing.REQUESTS:
            return
        referral = job["fields"]["referral"]
        view = {}

        def may():
            view.clear()
            view.update(hand.show(referral) or {})
            return job["step"] in re.split(r"[ ,]+", view.get("may", ""))
        try:
            wait_for("", may, SETTLE, 0.02)
        except Trouble:
            raise Failure(
                f"{job['who']} kan {job['step']} niet zetten; die ziet: "
                f"{view.get('state')} houder {view.get('holder')}, mag: "
                f"{view.get('may')}") from None

    def everybody_ready(self, jobs):
        """For steps of one moment: everybody knows the referral."""
        for who in {j["who"] for j in jobs}:
            self.hands[who].sync()
        for job in jobs:
            if job["step"] in ("ACCEPT", "DECLINE", "WITHDRAW", "REVIEW"):
                hand = self.hands[job["who"]]
                wait_for(f"{job['who']} kent {job['name']}", lambda h=hand,
                         j=job: j["step"] in re.split(
                             r"[ ,]+", (h.show(j["fields"]["referral"])
                                        or {}).get("may", "")), SETTLE)
                self.as_seen(hand, job)

    def as_seen(self, hand, job):
        """Steps of one moment are about what was seen before the first."""
        if not isinstance(hand, Driver):
            return
        view = hand.show(job["fields"]["referral"]) or {}
        if job["step"] == "WITHDRAW":
            job["fields"].setdefault("version", view.get("version", 0))
        else:
            job["fields"].setdefault("offer", view.get("offer", 0))

    def finish(self, job):
        if "out" not in job:
            try:
                job["out"] = self.hands[job["who"]].finish(job["order"])
            except LocalRefusal as e:
                job["out"] = {"status": "failed", "code": e.code,
                              "text": e.text, "rule": "", "todo": "",
                              "referral": "", "index": 0,
                              "heard": time.monotonic()}
        out = job["out"]
        self.remember(job)
        if job["refused"]:
            if out["status"] == "done" or (
                    job["refused"] != "HERE"
                    and out["code"] != job["refused"]):
                raise Failure(f"verwacht {job['refused']}, maar: {out}")
        elif out["status"] != "done" and job["alone"] and \
                len(self.last) == 1:
            raise Failure(f"geweigerd: {out['code']} {out['rule']}: "
                          f"{out['text']} {out['todo']}")

    def remember(self, job):
        out = job["out"]
        if out["status"] != "done":
            return
        if job["step"] == "SUBMIT":
            self.referrals[job["name"]] = out["referral"]
        self.steps.setdefault(job["name"], []).append(
            (job["who"], job["step"], out["index"]))
        self.accepted_at[job["who"], job["name"]] = out["heard"]
        self.latencies.setdefault(job["who"], []).append(
            out["heard"] - job["began"])

    def presence(self, who, verb):
        hand = self.hands[who]
        if verb == "leaves":
            hand.stop()
        elif verb == "dies":
            hand.kill()
        else:
            hand.start()
            hand.sync()

    # --- expectations ----------------------------------------------------------------

    def expect(self, text):
        for pattern, check in checks.SENTENCES:
            hit = pattern.fullmatch(text)
            if hit:
                check(self, *hit.groups())
                break
        else:
            raise Failure(f"deze verwachting ken ik niet: {text}")
        if self.repeated is not None:
            self.repeated[text] = self.repeated.get(text, 0) + 1
        else:
            self.tell(True, text)

    def view(self, who, name):
        return self.hands[who].show(self.referrals[name]) or {}
