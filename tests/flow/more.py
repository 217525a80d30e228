"""Stories that are told in Python, because they are about processes.

Each is a function (where, build, tell, random): play it in the folder
${where}, tell each thing that held, raise for what did not.
"""

import json
import os
import re
import shutil
import stat
import time

import checks
from hands import Driver, LocalRefusal
from lang import Failure
from network import ADAPTERS, TOP, Child, Network, Trouble, wait_for

STORIES = []
BUSY = {"limits": {"rate": 100000, "burst": 100000}}
PERSON = {"name": "Wilhelmina Kruidenier-Zwaluw", "street": "Lijsterbesstraat",
          "housenumber": "12", "city": "Voorbeeldstad"}
SIGNAL = {"code": "SIG-101", "area": "WK085501", "urgency": "NORMAL",
          "basis": "G-TOE", "discussed": "AGREES", "person": PERSON,
          "note": "Gordijnen al dagen dicht."}


def story(name):
    def keep(function):
        STORIES.append((name, function))
        return function
    return keep


def must(good, text):
    if not good:
        raise Failure(text)


def network(where, build, cast, **more):
    net = Network(where, build, settings=BUSY, **more)
    net.make(cast)
    net.start_broker()
    net.enrol(cast)
    return net


def audited(net, tell):
    for verb in ("verify", "replay"):
        status, out, err = net.audit(verb)
        must(status in checks.GOOD, f"{verb}: {status}\n{out}{err}")
    tell(True, "the log verifies and replays")


def driver(net, partner, connect=True):
    hand = Driver(net, partner)
    hand.start(connect)
    return hand


def submit(hand, **more):
    out = hand.finish(hand.begin("SUBMIT", **{**SIGNAL, **more}))
    must(out["status"] == "done", f"SUBMIT: {out}")
    return out["referral"]


# --- the hook ------------------------------------------------------------------

@story("13-notified")
def notified(where, build, tell, random):
    """The notification hook is told how many, until when and where; no more"""
    net = network(where, build, ["lwdb-noord", "welzijn-w", "gemeente-r"])
    script = net.path("meld")
    told = net.path("gemeld")
    with open(script, "w", encoding="utf-8") as f:
        f.write("#!/bin/sh\n"
                f"{{ printf '%s|' \"$#\" \"$1\" \"$2\" \"$3\"; "
                "env | grep '^KETEN_' | grep -v KETEN_SHARED | sort | "
                f"tr '\\n' ' '; echo; }} >> {told}\n")
    os.chmod(script, stat.S_IRWXU)

    def hook(tree):
        tree["adapter"]["notify"] = {"command": [script], "every": "1 s",
                                     "link": "https://desk.example.nl/"}
    net.change_device("welzijn-w", hook)
    try:
        lwdb = driver(net, "lwdb-noord")
        net.start_adapter("welzijn-w")
        submit(lwdb)
        submit(lwdb)
        wait_for("de melding", lambda: os.path.exists(told)
                 and re.search(r"^3\|[2-9]", read(told), re.M), 20)
        for line in read(told).splitlines():
            n, count, until, link, env = line.split("|")
            must(n == "3" and count.isdigit(), line)
            must(until == "" or until.endswith("Z"), line)
            must(link == "https://desk.example.nl/", line)
            names = {e.split("=")[0] for e in env.split()}
            must(names <= {"KETEN_COUNT", "KETEN_DEADLINE", "KETEN_LINK"},
                 line)
        tell(True, "count, deadline and link, as arguments and in the "
             "environment, and nothing else")
        lwdb.stop()
        audited(net, tell)
    finally:
        net.stop()


def read(path):
    with open(path, encoding="utf-8", errors="replace") as f:
        return f.read()


# --- adapters that are killed -----------------------------------------------------

def signal_file(n):
    return json.dumps({
        "stap": "indienen", "code": "SIG-101", "gebied": "WK085501",
        "urgentie": "normaal", "grondslag": "G-TOE", "besproken": "ja",
        "kenmerk": f"K-{n}", "toelichting": "Gordijnen al dagen dicht.",
        "naam": "Theodora Ringelsteijn"})


def repair_file(n):
    return json.dumps({"opdrachten": [{
        "opdrachtnummer": f"WO-{n}", "soort werk": "kraan",
        "wijk": "WK085501", "prioriteit": 3,
        "omschrijving": "Keukenkraan druppelt.",
        "huurder": {"naam": "Cornelis Bruinsma"}}]})


def task_file(n):
    path = os.path.join(TOP, "adapters/thuiszorg/samples/boodschappen.json")
    return read(path).replace("2041", str(30000 + n))


FILES = {"lwdb-noord": signal_file, "welzijn-w": signal_file,
         "corporatie-c": repair_file, "thuiszorg-t": task_file}
EACH = 12
KILLS = 5


@story("14-adapters-killed-sending")
def killed_sending(where, build, tell, random):
    """Every adapter is killed with files in flight: none lost, none doubled"""
    net = network(where, build, list(ADAPTERS) + ["gemeente-r"])
    try:
        for partner in ADAPTERS:
            send_while_killed(net, partner, random)
            tell(True, f"{partner}: {EACH} files, {KILLS} kills, "
                 f"{EACH} referrals")
        audited(net, tell)
    finally:
        net.stop()


def send_while_killed(net, partner, random):
    before = submitted_by(net, partner)
    net.start_adapter(partner)
    for n in range(EACH):
        net.drop(partner, f"{n:02d}.json", FILES[partner](n))
        if n % 2 == 0 and n // 2 < KILLS:
            time.sleep(random.random() * 0.3)
            net.kill_adapter(partner)
            net.start_adapter(partner)
    wait_for(f"{partner}: alles verwerkt", lambda: len(
        handled(net, partner, "done")) + len(handled(net, partner, "failed"))
        >= EACH, 60)
    must(len(handled(net, partner, "failed")) == 0,
         f"{partner}: {handled(net, partner, 'failed')}")
    must(len(handled(net, partner, "done")) == EACH,
         f"{partner}: {handled(net, partner, 'done')}")
    now = submitted_by(net, partner)
    must(now - before == EACH, f"{partner}: {now - before} verwijzingen")
    net.stop_adapter(partner)


def handled(net, partner, place):
    folder = net.folder(partner, place)
    return [n for n in (os.listdir(folder) if os.path.isdir(folder) else [])
            if n.endswith(".json") and "uitkomst" not in n]


def submitted_by(net, partner):
    """How many SUBMITs of a partner stand in the log."""
    status, out, err = net.audit("export")
    must(status in checks.GOOD, f"export: {status} {err}")
    count = 0
    for line in out.splitlines():
        row = json.loads(line)
        body = row.get("envelope", {}).get("body", {})
        if row["kind"] == "COMMAND" and body.get("partner") == partner and \
                body.get("command", {}).get("event") == "SUBMIT":
            count += 1
    return count


@story("15-adapters-killed-receiving")
def killed_receiving(where, build, tell, random):
    """An adapter is killed while news comes in: every file appears once"""
    net = network(where, build, ["lwdb-noord", "welzijn-w", "thuiszorg-t",
                                 "corporatie-c", "gemeente-r"])
    try:
        gemeente = driver(net, "gemeente-r")
        for partner, code in (("welzijn-w", "SIG-101"),
                              ("thuiszorg-t", "SIG-204"),
                              ("corporatie-c", "SIG-501"),
                              ("lwdb-noord", "DST-103")):
            receive_while_killed(net, gemeente, partner, code, random)
            tell(True, f"{partner}: {EACH} offers, {KILLS} kills, each once")
        gemeente.stop()
        audited(net, tell)
    finally:
        net.stop()


def receive_while_killed(net, sender, partner, code, random):
    taken = []
    wanted = set()
    net.start_adapter(partner)
    for n in range(EACH):
        wanted.add(submit(sender, code=code))
        take_away(net, partner, taken, random)
        if n % 2 == 0 and n // 2 < KILLS:
            time.sleep(random.random() * 0.1)
            net.kill_adapter(partner)
            net.start_adapter(partner)

    def all_there():
        take_away(net, partner, taken, None)
        return all(any(w in name for name in taken) for w in wanted)
    wait_for(f"{partner}: alle {EACH} aanbiedingen in de map", all_there, 60)
    time.sleep(0.5)
    take_away(net, partner, taken, None)
    must(len(taken) == len(set(taken)), f"{partner}: dubbel: "
         f"{sorted(t for t in taken if taken.count(t) > 1)}")
    net.stop_adapter(partner)


def take_away(net, partner, taken, random):
    """Somebody reads the files in in/ and takes them away."""
    folder = net.folder(partner, "in")
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
        path = os.path.join(folder, name)
        if os.path.isfile(path) and (random is None
                                     or random.random() < 0.5):
            os.unlink(path)
            taken.append(name)


def copy_spool(spool, copy):
    """As a backup would: files, not the pipe by which processes wake."""
    shutil.copytree(spool, copy, ignore=shutil.ignore_patterns("wake"))


# --- yesterday's spool ----------------------------------------------------------------

@story("16-spool-put-back")
def spool_put_back(where, build, tell, random):
    """Yesterday's spool is put back: it is said, with what to do, and mended"""
    net = network(where, build, ["lwdb-noord", "welzijn-w", "gemeente-r"])
    spool = net.path("partners", "lwdb-noord", "spool")
    copy = net.path("gisteren")
    try:
        lwdb = driver(net, "lwdb-noord")
        old = [submit(lwdb), submit(lwdb)]
        lwdb.stop()
        copy_spool(spool, copy)
        lwdb.start()
        new = [submit(lwdb), submit(lwdb), submit(lwdb)]
        lwdb.stop()
        shutil.rmtree(spool)
        shutil.copytree(copy, spool)

        lwdb = driver(net, "lwdb-noord")
        ticket = lwdb.reply(lwdb.begin("SUBMIT", **SIGNAL))["ticket"]

        def shown():
            out = lwdb.call("outcome", ticket=ticket)
            return out if out.get("code") == "NUMBER_REUSED" else None
        out = wait_for("NUMBER_REUSED wordt getoond", shown, 10, 0.05)
        must(out["status"] in ("waiting", "sent") and out["todo"],
             f"wat nu? {out}")
        tell(True, "NUMBER_REUSED is shown with what to do, and nothing is "
             "sent")
        _, words, _ = net.keten("lwdb-noord", "outbox", check=False)
        must("Dit nummer is al gebruikt" in words, words)
        tell(True, "the command line shows it too")

        lwdb.stop()
        net.keten("lwdb-noord", "sync", "--new-lane")
        lwdb.start()
        out = lwdb.finish_ticket(ticket)
        must(out["status"] == "done", f"daarna: {out}")
        everything = set(old + new + [out["referral"]])
        wait_for("alle verwijzingen zijn terug", lambda: everything <= {
            r["referral"] for r in lwdb.list()}, 20, 0.05)
        tell(True, "after keten sync --new-lane it goes out, and every "
             "referral is back")
        lwdb.stop()
        must(submitted_by(net, "lwdb-noord") == 6, "niet zes verwijzingen")
        audited(net, tell)
    finally:
        net.stop()


@story("17-adapter-put-back")
def adapter_put_back(where, build, tell, random):
    """Yesterday's spool under an adapter: its folder says so in plain Dutch"""
    net = network(where, build, ["lwdb-noord", "welzijn-w", "gemeente-r"])
    spool = net.path("partners", "lwdb-noord", "spool")
    copy = net.path("gisteren")
    try:
        net.start_adapter("lwdb-noord")
        net.drop("lwdb-noord", "een.json", signal_file(1))
        wait_done(net, 1)
        net.stop_adapter("lwdb-noord")
        copy_spool(spool, copy)
        net.start_adapter("lwdb-noord")
        net.drop("lwdb-noord", "twee.json", signal_file(2))
        wait_done(net, 2)
        net.stop_adapter("lwdb-noord")
        shutil.rmtree(spool)
        shutil.copytree(copy, spool)
        net.start_adapter("lwdb-noord")
        net.drop("lwdb-noord", "drie.json", signal_file(3))

        def said():
            return "NUMBER_REUSED" in net.tail("keten-adapter-lwdb", 60) or \
                any("al gebruikt" in text for text in texts(net))
        wait_for("de aansluiting zegt wat er is", said, 15)
        _, words, _ = net.keten("lwdb-noord", "outbox", check=False)
        must("al gebruikt" in words, f"keten outbox: {words}")
        tell(True, "the log and keten outbox say NUMBER_REUSED and what to do")
        net.stop_adapter("lwdb-noord")
        net.keten("lwdb-noord", "sync", "--new-lane")
        net.start_adapter("lwdb-noord")
        wait_done(net, 3)
        tell(True, "after keten sync --new-lane the file goes out")
        must(submitted_by(net, "lwdb-noord") == 3, "niet drie verwijzingen")
        audited(net, tell)
    finally:
        net.stop()


def texts(net):
    found = []
    for folder, _, names in os.walk(net.folder("lwdb-noord")):
        found += [read(os.path.join(folder, n)) for n in names
                  if n.endswith(".txt")]
    return found


def wait_done(net, count):
    wait_for(f"{count} bestanden in done/", lambda: len(
        handled(net, "lwdb-noord", "done")) == count, 30)


# --- the examples ------------------------------------------------------------------------

@story("18-examples")
def examples(where, build, tell, random):
    """The examples of the SDK do what they say"""
    net = network(where, build, ["lwdb-noord", "welzijn-w", "gemeente-r"])
    folder = "adapters/sdk/examples"
    try:
        watch = Child("watch", [net.program(f"{folder}/watch"),
                                net.device_settings("gemeente-r")],
                      net.path("log", "watch.log"))
        net.children["watch"] = watch
        take = Child("take", [net.program(f"{folder}/take"),
                              net.device_settings("welzijn-w")],
                     net.path("log", "take.log"))
        net.children["take"] = take
        status, out, err = net.run(
            f"{folder}/send", net.device_settings("lwdb-noord"), "SIG-101",
            "WK085501", "Gordijnen blijven dicht.", timeout=30, check=False)
        must(status == 0, f"send: {status} {out}{err}")
        tell(True, "send reports a signal and waits for the log")
        # Somebody of the LWDB is there, to pass the key on.
        lwdb = driver(net, "lwdb-noord")
        wait_for("take opent het persoonsdeel",
                 lambda: "Voorbeeld, A." in net.tail("take"), 20)
        tell(True, "take accepts the first offer and reads who it is about")
        wait_for("watch ziet het", lambda: "SIG-101" in net.tail("watch"), 20)
        tell(True, "watch prints what arrives")
        lwdb.stop()
        for name in os.listdir(os.path.join(TOP, folder)):
            if name.endswith(".c"):
                lines = len(read(os.path.join(TOP, folder, name)).split("\n"))
                must(lines <= 61, f"{name} heeft {lines} regels")
        tell(True, "each example has under 60 lines")
        audited(net, tell)
    finally:
        net.stop()


# --- early disclosure ----------------------------------------------------------------------

@story("19-early-disclosure")
def early_disclosure(where, build, tell, random):
    """At night the duty service knows at once where to go; only on that route"""
    from lang import local_ms
    net = network(where, build, ["lwdb-noord", "thuiszorg-t", "gemeente-r"],
                  clock_ms=local_ms(2026, 11, 27, 22, 0))
    try:
        lwdb = driver(net, "lwdb-noord")
        night = driver(net, "thuiszorg-t")
        now = submit(lwdb, code="SIG-204", urgency="EMERGENT",
                     note="Gevallen, komt niet overeind.")
        later = submit(lwdb, code="SIG-204", note="Los kleed in de gang.")
        night.sync()
        wait_for("de nachtdienst ziet beide", lambda: all(
            night.show(r) for r in (now, later)))
        wait_for("het persoonsdeel bij spoed", lambda: night.open_part(
            now, "person"))
        must(PERSON["name"] in night.open_part(now, "person"), "wie?")
        tell(True, "emergent: name and address before accepting")
        must(night.open_part(later, "person") is None,
             "ook zonder spoed te openen")
        tell(True, "the same code without hurry: not before accepting")
        text = lwdb.call("resolve", code="SIG-204", area="WK085501",
                         urgency=4, basis="G-TOE", discussed=1)["text"]
        must("vooraf" in text.lower() or "meteen" in text.lower(),
             f"explain zegt er niets van: {text}")
        tell(True, "explain says so beforehand")
        lwdb.stop()
        night.stop()
        audited(net, tell)
    finally:
        net.stop()


# --- the policy, while everything runs ----------------------------------------------------------

@story("20-new-policy")
def new_policy(where, build, tell, random):
    """A new policy is read while referrals go on; a bad one changes nothing"""
    cast = ["lwdb-noord", "welzijn-w", "thuiszorg-t", "gemeente-r"]
    net = network(where, build, cast)
    try:
        lwdb = driver(net, "lwdb-noord")
        first = submit(lwdb)

        def to_thuiszorg(tree):
            for route in tree["routes"]:
                if route["codes"] == ["SIG-100"]:
                    route["rungs"] = [["thuiszorg-t"]]
        tickets = [lwdb.begin("SUBMIT", **SIGNAL) for _ in range(20)]
        net.change_policy(to_thuiszorg)
        tickets += [lwdb.begin("SUBMIT", **SIGNAL) for _ in range(20)]
        for ticket in tickets:
            out = lwdb.finish(ticket)
            must(out["status"] == "done", f"{out}")
        wait_for("beleid 2", lambda: net.ask(cmd="status")["policy"] == 2)
        tell(True, "forty signals while it was read: none lost")

        care = driver(net, "thuiszorg-t")
        second = submit(lwdb)
        care.sync()
        wait_for("de nieuwe ladder geldt", lambda: care.show(second))
        must(care.show(first) is None, "ook voor wat er al was")
        tell(True, "what comes now takes the new route, what there was "
             "keeps its own")

        with open(net.path("policy", "policy.signed"), "r+b") as f:
            f.seek(200)
            byte = f.read(1)
            f.seek(200)
            f.write(bytes([byte[0] ^ 1]))
        os.kill(net.children["ketend"].pid, 1)
        time.sleep(0.5)
        must(net.ask(cmd="status")["policy"] == 2, "een vals beleid geldt")
        submit(lwdb)
        tell(True, "a policy that beheer did not sign is not taken")
        lwdb.stop()
        care.stop()
        audited(net, tell)
    finally:
        net.stop()


@story("21-every-mistake")
def every_mistake(where, build, tell, random):
    """ketend -t and policy check name every mistake with file and line"""
    net = Network(where, build)
    net.make(["lwdb-noord"])
    settings = net.path("broker", "ketend.yaml")
    status, out, err = net.run("ketend", "-c", settings, "-t", check=False)
    must(status == 0, f"ketend -t: {status} {out}{err}")
    lines = read(settings).splitlines()
    wrong = [line.replace("1 GiB", "veel").replace("listen:", "luister:")
             for line in lines]
    with open(net.path("broker", "wrong.yaml"), "w", encoding="utf-8") as f:
        f.write("\n".join(wrong) + "\n")
    os.chmod(net.path("broker", "keys", "log.key"), 0o644)
    status, out, err = net.run("ketend", "-c", net.path("broker",
                               "wrong.yaml"), "-t", check=False)
    must(status == 3, f"status {status}: {out}{err}")
    for n, line in enumerate(wrong, 1):
        if "veel" in line or "luister" in line:
            must(re.search(rf"wrong\.yaml:{n}\b", err), f"regel {n}: {err}")
    must("listen" in err, f"bedoelde u: {err}")
    tell(True, "ketend -t: each mistake of the settings, with its line")

    os.chmod(net.path("broker", "keys", "log.key"), 0o644)
    status, out, err = net.run("ketend", "-c", settings, "-t", check=False)
    must(status == 3 and "log.key" in err, f"{status} {err}")
    os.chmod(net.path("broker", "keys", "log.key"), 0o600)
    tell(True, "ketend -t: a key that others can read")

    source = net.path("policy", "policy.yaml")
    text = read(source)
    at = [n for n, line in enumerate(text.splitlines(), 1)
          if "R-SIG-202" in line or "COV-06" in line]
    with open(source, "w", encoding="utf-8") as f:
        f.write(text.replace("{id: R-SIG-202, codes: [SIG-202], rungs: "
                             "[[welzijn-w]]}", "{id: R-SIG-202, codes: "
                             "[SIG-202], rungs: [[welzijn-x]]}")
                .replace("controller: welzijn-w", "controller: niemand"))
    status, out, err = net.run("ketenctl", "policy", "check", source,
                               check=False)
    must(status == 1, f"policy check: {status} {out}{err}")
    must(f"policy.yaml:{max(at)}" in err or f"policy.yaml:{min(at)}" in err,
         f"{at}: {err}")
    must("welzijn-x" in err and "niemand" in err, err)
    tell(True, "policy check: each mistake of the policy, with its line")
