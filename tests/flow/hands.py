"""Three hands by which a partner can act: a driver, the command line, files.

All three know the same words, so that one story can be played with each:

    order = hand.begin("ACCEPT", referral="0190...")
    out = hand.finish(order)      # {"status": "done", "code": "", ...}

and all three look through `show` and `open_part`.
"""

import json
import os
import re
import subprocess
import threading
import time

from network import Child, Trouble, surroundings, wait_for

PATIENCE = 60.0
URGENCY = {"LOW": 1, "NORMAL": 2, "HIGH": 3, "EMERGENT": 4}
URGENCY_NL = {"LOW": "laag", "NORMAL": "normaal", "HIGH": "hoog",
              "EMERGENT": "spoed"}
DISCUSSED = {"AGREES": 1, "OBJECTS": 2, "NOT_REACHED": 3, "NOT_SAFE": 4,
             "NOT_ABLE": 5}
DISCUSSED_NL = {"AGREES": "ja", "OBJECTS": "bezwaar",
                "NOT_REACHED": "niet-bereikt", "NOT_SAFE": "niet-veilig",
                "NOT_ABLE": "niet-mogelijk"}
PARTS = {"note": 1, "person": 2, "text": 3}
DAY_MS = 24 * 3600 * 1000

# step: (verb of `keten`, word in a file)
STEPS = {
    "SUBMIT": ("signal", "indienen"),
    "REVIEW": ("review", "bekijken"),
    "ASK": ("ask", "vragen"),
    "ANSWER": ("answer", "antwoorden"),
    "ACCEPT": ("accept", "aannemen"),
    "DECLINE": ("decline", "afwijzen"),
    "OFFER_MORE": ("offermore", "ook_aanbieden_aan"),
    "CONFIRM": ("confirm", "bevestigen"),
    "RETURN": ("return", "teruggeven"),
    "START": ("start", "beginnen"),
    "PAUSE": ("pause", "stilzetten"),
    "RESUME": ("resume", "weer_oppakken"),
    "REPORT": ("report", "verslag_doen"),
    "SUPPLEMENT": ("supplement", "aanvullen"),
    "RAISE_URGENCY": ("urgent", "meer_haast_geven"),
    "HAND_OVER": ("handover", "overdragen"),
    "RETRACT": ("retract", "overdracht_terugnemen"),
    "TAKE_OVER": ("takeover", "overnemen"),
    "COMPLETE": ("complete", "afronden"),
    "GIVE_UP": ("giveup", "ermee_stoppen"),
    "FAIL": ("fail", "afsluiten_zonder_aanbod"),
    "WITHDRAW": ("withdraw", "intrekken"),
    "REQUEST_WITHDRAWAL": ("askwithdraw", "vragen_om_in_te_trekken"),
    "AGREE_WITHDRAWAL": ("agree", "instemmen_met_intrekken"),
    "REFUSE_WITHDRAWAL": ("refuse", "niet_instemmen_met_intrekken"),
    "MARK_ERROR": ("error", "als_vergissing_markeren"),
    "ACKNOWLEDGE": ("acknowledge", "uitkomst_gelezen"),
    "REOPEN": ("reopen", "heropenen"),
}

# field of an order: (option of `keten`, word in a file)
FIELDS = {
    "code": ("code", "code"),
    "area": ("area", "gebied"),
    "urgency": ("urgency", "urgentie"),
    "basis": ("basis", "grondslag"),
    "discussed": ("discussed", "besproken"),
    "units": ("units", "aantal"),
    "frequency": ("frequency", "frequentie"),
    "payer": ("payer", "betaler"),
    "parent": ("parent", "hoort_bij"),
    "relates": ("relates", "samen_met"),
    "first": ("first", "eerst"),
    "never": ("never", "nooit"),
    "note": ("note", "toelichting"),
    "text": ("text", "tekst"),
    "to": ("to", "naar"),
    "reason": ("reason", "reden"),
    "outcome": ("outcome", "uitkomst"),
    "until_ms": ("until", "datum"),
    "end_ms": ("end", "einddatum"),
    "units_done": ("done", "gedaan"),
    "units_total": ("total", "van_totaal"),
    "child": ("child", "doorgeleid_in"),
    "outside": ("outside", "doorgeleid_naar"),
    "version": ("version", "versie"),
    "offer": ("offer", "aanbod"),
}

# member of a person part: word in a file
PERSON = {"name": "naam", "birth_date": "geboortedatum", "street": "straat",
          "housenumber": "huisnummer", "postcode": "postcode",
          "city": "plaats", "phone": "telefoon", "story": "verhaal"}


def day_of(ms):
    """A date as people write it, at noon UTC so that no zone matters."""
    return time.strftime("%Y-%m-%d", time.gmtime((ms + DAY_MS // 2) / 1000))


class LocalRefusal(Exception):
    """Refused before anything was sent."""

    def __init__(self, text, code=""):
        super().__init__(text)
        self.text = text
        self.code = code


class Driver:
    """A persistent process that holds one device (driver.c)."""

    def __init__(self, net, partner):
        self.net = net
        self.partner = partner
        self.changed = threading.Condition()
        self.child = None
        self.replies = {}
        self.outcomes = {}
        self.asked = set()
        self.news = []
        self.troubles = []
        self.connected = False
        self.ready = False
        self.next_id = 0
        self.latest = None

    # --- the process ---------------------------------------------------------

    def start(self, connect=True):
        self.ready = self.connected = False
        child = Child("driver-" + self.partner,
                      [self.net.program("tests/flow/driver"),
                       self.net.device_settings(self.partner)],
                      self.net.path("log", f"driver-{self.partner}.log"),
                      stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.child = child
        self.net.children["driver-" + self.partner] = child
        threading.Thread(target=self._read, args=(child,), daemon=True).start()
        self.wait(lambda: self.ready or not child.alive(), "driver staat")
        if not self.ready:
            raise Trouble(f"{self.partner}: "
                          + self.net.tail("driver-" + self.partner))
        for ticket in sorted(self.asked - set(self.outcomes)):
            self._ask_again(ticket)
        if connect:
            self.wait(lambda: self.connected, f"{self.partner} is verbonden")

    def _ask_again(self, ticket):
        """What became of an order of an earlier life of this driver."""
        out = self.call("outcome", ticket=ticket)
        if out.get("status") in ("done", "refused", "failed"):
            with self.changed:
                self.outcomes.setdefault(ticket, out)

    def stop(self):
        child = self.net.children.pop("driver-" + self.partner, None)
        if child is not None and child.alive():
            child.process.stdin.close()
            try:
                child.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                child.kill()
        self.child = None
        self.connected = False

    def kill(self):
        self.net.children.pop("driver-" + self.partner).kill()
        self.child = None
        self.connected = False

    def _read(self, child):
        for line in child.process.stdout:
            with self.changed:
                if child is self.child:
                    self._take(json.loads(line))
                self.changed.notify_all()
        with self.changed:
            self.changed.notify_all()

    def _take(self, message):
        event = message.get("event")
        if event is None:
            self.replies[message["id"]] = message
            if "ticket" in message and "status" not in message:
                self.asked.add(message["ticket"])
        elif event == "outcome":
            message["heard"] = time.monotonic()
            self.outcomes[message["ticket"]] = message
        elif event == "news":
            message["heard"] = time.monotonic()
            self.news.append(message)
        elif event == "link":
            self.connected = message["connected"]
        elif event == "ready":
            self.ready = True
        else:
            self.troubles.append(message)

    def wait(self, ready, what, patience=PATIENCE):
        """Wait until ready() is true, woken by what the driver says; never
        shorter than PATIENCE."""
        patience = max(patience, PATIENCE)
        end = time.monotonic() + patience
        with self.changed:
            while True:
                value = ready()
                if value:
                    return value
                left = end - time.monotonic()
                if left <= 0:
                    raise Trouble(f"{self.partner}: na {patience:.0f} s nog "
                                  f"niet: {what}")
                self.changed.wait(min(left, 0.2))

    def post(self, do, **fields):
        """Write one line and do not wait; return its number."""
        with self.changed:
            self.next_id += 1
            number = self.next_id
        line = json.dumps({"id": number, "do": do, **fields}) + "\n"
        try:
            self.child.process.stdin.write(line.encode())
            self.child.process.stdin.flush()
        except (BrokenPipeError, AttributeError) as e:
            raise Trouble(f"{self.partner}: de driver is weg\n"
                          + self.net.tail("driver-" + self.partner)) from e
        return number

    def call(self, do, **fields):
        return self.reply(self.post(do, **fields), do)

    def reply(self, number, do=""):
        child = self.child
        self.wait(lambda: number in self.replies or not child.alive(),
                  f"antwoord op {do}")
        if number not in self.replies:
            raise Trouble(f"{self.partner}: de driver eindigde\n"
                          + self.net.tail("driver-" + self.partner))
        return self.replies.pop(number)

    # --- acting ----------------------------------------------------------------

    def begin(self, step, **fields):
        fields = dict(fields)
        if "urgency" in fields:
            fields["urgency"] = URGENCY[fields["urgency"]]
        if "discussed" in fields:
            fields["discussed"] = DISCUSSED[fields["discussed"]]
        if "person" in fields:
            fields["person"] = json.dumps(fields["person"],
                                          ensure_ascii=False)
        return self.post("order", step=step, **fields)

    def finish(self, order, patience=PATIENCE):
        answer = self.reply(order)
        if "ticket" not in answer:
            raise LocalRefusal(answer["text"])
        return self.finish_ticket(answer["ticket"], patience)

    def finish_ticket(self, ticket, patience=PATIENCE):
        self.wait(lambda: ticket in self.outcomes, f"uitkomst van {ticket}",
                  patience)
        return self.outcomes[ticket]

    def sync(self):
        """Everything the broker did up to now has arrived."""
        if self.child is not None and self.connected:
            self.call("resolve", code="DST-101", area="WK085501", urgency=2,
                      basis="G-TOE", discussed=1)

    # --- looking -----------------------------------------------------------------

    def show(self, referral):
        answer = self.call("show", referral=referral)
        return None if "error" in answer else answer

    def list(self):
        return self.call("list").get("referrals", [])

    def open_part(self, referral, part, seq=0, record=0):
        """The opened part, or None; why not stands in .latest."""
        self.latest = self.call("open", referral=referral, part=PARTS[part],
                                seq=seq, record=record, actor="DEMO-01")
        return self.latest.get("text") if "error" not in self.latest else None


class CommandLine:
    """One `keten` process per step, as a person at a terminal would."""

    def __init__(self, net, partner):
        self.net = net
        self.partner = partner
        self.connected = True
        self.latest = None

    def start(self, connect=True):
        """Somebody has `keten watch` open: that process has the connection,
        and what the others write goes out through it."""
        log = self.net.path("log", f"watch-{self.partner}.log")
        child = Child("watch-" + self.partner,
                      [self.net.program("keten"), "watch", "-c",
                       self.net.device_settings(self.partner), "--json"], log)
        self.net.children["watch-" + self.partner] = child
        wait_for(f"{self.partner} is verbonden", lambda: any(
            q["connected"] for q in self.net.ask(cmd="queue")
            if q["partner"] == self.partner))

    def stop(self):
        child = self.net.children.pop("watch-" + self.partner, None)
        if child is not None:
            child.stop()

    def sync(self):
        """Nothing: looking waits until what is expected is there."""

    def _words(self, step, fields):
        verb = STEPS[step][0]
        if fields.get("code", "").startswith("DST"):
            verb = "request"
        words = [verb]
        if fields.get("referral"):
            words.append(fields["referral"])
        for name, value in fields.items():
            if name == "person":
                path = self.net.path("partners", self.partner, "person.json")
                with open(path, "w", encoding="utf-8") as f:
                    json.dump(value, f)
                words += ["--person", "@" + path]
            elif name in FIELDS:
                words += ["--" + FIELDS[name][0], option(name, value)]
        return words

    def begin(self, step, **fields):
        verb, *words = self._words(step, fields)
        return subprocess.Popen(
            [self.net.program("keten"), verb, "-c",
             self.net.device_settings(self.partner), *words, "--json",
             "--wait", "60"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL, text=True, env=surroundings())

    def finish(self, order, patience=PATIENCE):
        out, err = order.communicate(timeout=patience + 10)
        line = out.strip().splitlines()[-1] if out.strip() else ""
        if not line.startswith("{"):
            if order.returncode == 1:
                raise LocalRefusal(err.strip())
            raise Trouble(f"keten {order.args[1]}: status "
                          f"{order.returncode}: {err.strip()}")
        result = json.loads(line)
        result["heard"] = time.monotonic()
        return result

    def show(self, referral):
        # The first line is the referral; a look also takes what is waiting.
        status, out, _ = self.net.keten(self.partner, "show", referral,
                                        "--json", check=False)
        return json.loads(out.splitlines()[0]) if status == 0 else None

    def list(self):
        return self.net.keten_json(self.partner, "inbox", "--all")

    def open_part(self, referral, part, seq=0):
        more = ["--seq", str(seq)] if seq else []
        status, out, err = self.net.keten(
            self.partner, "open", referral, "--part", part, *more,
            "--actor", "DEMO-01", check=False)
        self.latest = {"error": status, "text": err}
        return out.strip() if status == 0 else None


def option(name, value):
    """A value as the command line and a file both write it."""
    if name.endswith("_ms"):
        return day_of(value)
    if name == "urgency":
        return URGENCY_NL[value]
    if name == "discussed":
        return DISCUSSED_NL[value]
    if isinstance(value, (list, tuple)):
        return ",".join(value)
    return str(value)


class Folder(CommandLine):
    """Files in a drop folder; looking goes through the command line beside."""

    def __init__(self, net, partner, program="welzijn"):
        super().__init__(net, partner)
        self.program = program
        self.count = 0
        self.about = {}

    def start(self, connect=True):
        name = "keten-adapter-" + self.program

        def own_folder(tree):
            tree["adapter"] = {"folder": self.net.folder(self.partner)}
        self.net.change_device(self.partner, own_folder)
        self.net.children["folder-" + self.partner] = Child(
            name, [self.net.program(name), "-c",
                   self.net.device_settings(self.partner)],
            self.net.path("log", f"folder-{self.partner}.log"))

    def stop(self):
        child = self.net.children.pop("folder-" + self.partner, None)
        if child is not None:
            child.stop()

    def begin(self, step, **fields):
        self.count += 1
        name = f"{self.count:03d}-{STEPS[step][1]}.json"
        tree = {"stap": STEPS[step][1]}
        for field, value in fields.items():
            if field == "person":
                for member, text in value.items():
                    if member in PERSON:
                        tree[PERSON[member]] = text
            elif field == "referral":
                tree["verwijzing"] = value
                self.about[name] = value
            elif field in FIELDS:
                tree[FIELDS[field][1]] = option(field, value)
        self.net.drop(self.partner, name,
                      json.dumps(tree, ensure_ascii=False, indent=1))
        return name

    def finish(self, name, patience=PATIENCE):
        """Wait until it lies in done/ or failed/ and read the answer."""
        place, answer = wait_for(
            f"{self.partner}: {name} is behandeld",
            lambda: self._where(name), patience, 0.02)
        status = "done" if place == "done" else "refused"
        hit = re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-"
                        r"[0-9a-f]{4}-[0-9a-f]{12}", answer)
        code = re.search(r"\b([A-Z]{2,}_?[A-Z_]{2,})\b", answer)
        return {"status": status, "text": answer, "index": 0, "todo": answer,
                "referral": hit.group(0) if hit else "", "rule": "",
                "code": code.group(1) if code and place == "failed" else "",
                "heard": time.monotonic()}

    def _where(self, name):
        """(place, answer) once the answer lies beside the file."""
        for place, ending in (("done", ".uitkomst.txt"),
                              ("failed", ".fout.txt")):
            for n in self._names(place):
                if name in n and n.endswith(ending):
                    text = self._read(self.net.folder(self.partner, place, n))
                    if text is not None:
                        return place, text
        return self._erased(name)

    def _names(self, *place):
        """What lies there; nothing before the program has made the folder."""
        try:
            return sorted(os.listdir(self.net.folder(self.partner, *place)))
        except FileNotFoundError:
            return []

    @staticmethod
    def _read(path):
        """None: it was erased between looking and reading."""
        try:
            with open(path, encoding="utf-8", errors="replace") as f:
                return f.read()
        except FileNotFoundError:
            return None

    def _erased(self, name):
        """A mistake takes its own answer with it: content is erased, and so
        is what the folder wrote about it."""
        waits = [n for place in ("new", "busy", "tmp")
                 for n in self._names("out", place)]
        told = [n for n in self._names("in")
                if self.about.get(name, "-") in n and "gewist" in n]
        if told and not any(name in n for n in waits):
            return "done", "De inhoud is gewist."
        return None
