"""Stories about who looks at the log: a witness, somebody with an old receipt,
and everybody who follows the log's key.

As in more.py each is a function (where, build, tell, random).
"""

import json
import os
import re
import shutil
import subprocess
import time

from more import SIGNAL, driver, must, story, submit
from network import TOP, Network, Trouble, vkey, wait_for

CAST = ["lwdb-noord", "welzijn-w", "gemeente-r"]
WITNESS = "auditor-a"


def watched(where, build, cast=None, **settings):
    """A network with a witness, that began before the first referral."""
    net = Network(where, build, witnesses=[WITNESS], settings={
        "limits": {"rate": 100000, "burst": 100000},
        "witness": {"folder": os.path.join(where, "letters"),
                    "late": "1 s", "patience": "1 s"}, **settings})
    net.make(cast or CAST)
    net.start_broker()
    net.start_witness(WITNESS)
    net.enrol(cast or CAST)
    return net


def signalled(net, partner="lwdb-noord"):
    """A signal by command line: the answer, with ticket and index."""
    path = net.path("person.json")
    with open(path, "w", encoding="utf-8") as f:
        json.dump(SIGNAL["person"], f)
    return net.keten_json(
        partner, "signal", "--code", "SIG-101", "--area", "WK085501",
        "--basis", "G-TOE", "--discussed", "ja", "--note",
        "Gordijnen al dagen dicht.", "--person", "@" + path)[0]


def take_receipt(net, partner, ticket, name):
    """`keten receipt NUMBER` into a file."""
    _, out, _ = net.keten(partner, "receipt", ticket)
    path = net.path(name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(out)
    return path


def check_receipt(net, path, *more, trust=None):
    """`keten-audit receipt FILE`, without the log: (status, what it says)."""
    status, out, err = net.run(
        "keten-audit", "receipt", path, "--trust",
        trust or net.path("policy", "trust.yaml"), "--json", *more,
        check=False)
    try:
        return status, json.loads(out)
    except ValueError:
        return status, {"why": out + err}


def status_of(net):
    return net.ask(cmd="status")


def log_has(net, program, word):
    path = net.path("log", program + ".log")
    try:
        with open(path, encoding="utf-8", errors="replace") as f:
            return word in f.read()
    except OSError:
        return False


# --- a witness ------------------------------------------------------------------

@story("40-witness")
def witness(where, build, tell, random):
    """A partner cosigns the log; nobody waits for it; it refuses a second one
    """
    net = watched(where, build)
    try:
        answer = signalled(net)
        net.seen_by_witnesses()
        status, out, err = net.audit("verify")
        must(status == 0, f"verify: {status}\n{out}{err}")
        tell(True, "verify ends with 0: verified, and witnessed")
        path = take_receipt(net, "lwdb-noord", answer["ticket"], "receipt")
        status, found = check_receipt(net, path)
        must(status == 0 and found["witnesses"] == 1, f"{status} {found}")
        tell(True, "keten receipt holds the witness's signature")
        signalled(net)          # the newest one nobody has signed yet
        status, out, err = net.audit("prove", str(answer["index"]))
        path = net.path("proof")
        with open(path, "w", encoding="utf-8") as f:
            f.write(out)
        must(status in (0, 10, 11), f"prove: {status} {err}")
        status, found = check_receipt(net, path)
        must(status == 0, f"{status} {found}")
        tell(True, "and so does what keten-audit prove gives")
        path = net.path("case.json")
        net.audit("case", answer["referral"], "--out", path)
        status, out, err = net.run(
            "keten-audit", "case", "--check", path, "--trust",
            net.path("policy", "trust.yaml"), check=False)
        must(status == 0, f"case --check: {status}\n{out}{err}")
        tell(True, "and a case of a chain that the witness has seen")
        unwatched(net, tell)
        comes_back(net, tell)
        second_history(net, tell)
    finally:
        net.stop()


def unwatched(net, tell):
    """The witness is away: everything goes on, and somebody is told."""
    must(net.stop_witness(WITNESS) == 0, "de getuige eindigde niet goed")
    began = time.monotonic()
    answer = signalled(net)
    took = time.monotonic() - began
    must(answer["status"] == "done", answer)
    must(took < 5, f"een melding duurde {took:.1f} s")
    wait_for("het alarm", lambda: status_of(net)["witness_late"])
    state = status_of(net)
    must(state["witness_lag_s"] >= 1, state)
    must(state["witnessed"] < state["checkpoint"], state)
    wait_for("het journaal zegt het",
             lambda: log_has(net, "ketend", "WITNESS_LATE"), 5)
    _, out, _ = net.ctl("metrics")
    lag = re.search(r"^keten_witness_lag_records (\d+)$", out, re.M)
    must(lag and int(lag.group(1)) > 0, out)
    must(re.search(r"^keten_witness_late 1$", out, re.M), out)
    tell(True, "without it work goes on; status, metrics and journal say so")
    path = take_receipt(net, "lwdb-noord", answer["ticket"], "unseen")
    status, found = check_receipt(net, path)
    must(status == 25, f"{status} {found}")
    lone = net.path("policy", "lone.yaml")
    with open(lone, "w", encoding="ascii") as f:
        f.write(f"vkey: {net.keys['vkey']}\n")
    status, found = check_receipt(net, path, trust=lone)
    must(status == 10, f"{status} {found}")
    tell(True, "a receipt of that moment is right, and has no quorum: 25, or "
         "10 for who names no witness")


def comes_back(net, tell):
    """It goes on from where it was, also when the broker forgot that."""
    net.kill_broker()
    net.start_broker()
    net.start_witness(WITNESS)
    net.seen_by_witnesses()
    state = status_of(net)
    wait_for("het einde van het alarm",
             lambda: not status_of(net)["witness_late"])
    must(status_of(net)["witnesses"][0]["refused"] == 0, state)
    tell(True, "after a crash of the broker the witness signs on")


def second_history(net, tell):
    """The store is put back, the guard overruled, and another story told."""
    store, copy = net.path("broker", "store"), net.path("copy")
    net.stop_broker()
    shutil.copytree(store, copy)
    net.start_broker()
    signalled(net)
    signalled(net)
    net.seen_by_witnesses()
    net.stop_broker()
    # Everybody who has seen something longer; the witness is one of them.
    shutil.rmtree(store)
    shutil.copytree(copy, store)
    for name in ("guard",):
        os.unlink(net.path("broker", name))
    net.start_broker()
    _, out, _ = net.ctl("guard", "--json")
    guard = json.loads(out)
    net.ctl("guard", "accept", guard["size"], guard["root"])
    wait_for("er wordt getekend", lambda: status_of(net)["signing"])
    wait_for("de getuige weigert",
             lambda: status_of(net)["witnesses"][0]["refused"])
    state = status_of(net)["witnesses"][0]
    must(state["refused"] == 409, state)
    tell(True, "a log that became shorter: the witness saw more, 409")
    # Let it grow past what the witness saw.
    while status_of(net)["size"] <= state["saw"]:
        net.ctl("enrol", *made_certificate(net))
    net.stop_broker()
    net.start_broker()
    wait_for("de getuige weigert het vervolg", lambda: status_of(net)
             ["witnesses"][0]["refused"] in (409, 422), 30)
    evidence = net.path("partners", WITNESS, "witness", "state.refused")
    wait_for("het bewijs ligt bij de getuige",
             lambda: os.path.exists(evidence))
    tell(True, "and grown past that: it refuses, and keeps what it was shown")
    last = net.path("partners", WITNESS, "witness", "state")
    status, out, err = net.audit("verify", "--checkpoint", last)
    must(status == 22, f"verify: {status}\n{out}{err}")
    tell(True, "verify with the witness's last checkpoint ends with 22, fork")


def made_certificate(net):
    """A new certificate: the shortest way to one record more."""
    home = net.path("partners", "lwdb-noord")
    net.run("keten", "key", "rotate", "-c",
            net.device_settings("lwdb-noord"), "--identity",
            net.path("secret", "lwdb-noord.key"), "--dir", home)
    found = [os.path.join(home, n) for n in os.listdir(home)
             if n.endswith(".cert")]
    return [max(found, key=os.path.getmtime)]


# --- receipts that are kept ----------------------------------------------------------

@story("41-old-receipts")
def old_receipts(where, build, tell, random):
    """A receipt holds: after the log grew, after an erasure, and against a
    broker that changed one byte"""
    net = watched(where, build)
    try:
        answer = signalled(net)
        net.seen_by_witnesses(answer["index"] + 1)
        kept = take_receipt(net, "lwdb-noord", answer["ticket"], "kept")
        welzijn = driver(net, "welzijn-w")
        wait_for("het aanbod", lambda: welzijn.show(answer["referral"]))
        for step, fields in (("ACCEPT", {}), ("START", {}), ("COMPLETE", {
                "outcome": "UIT-01", "text": "Gaat nu elke week."})):
            out = welzijn.finish(welzijn.begin(
                step, referral=answer["referral"], **fields))
            must(out["status"] == "done", f"{step}: {out}")
        welzijn.stop()
        for _ in range(3):
            signalled(net)
        status, found = check_receipt(net, kept)
        must(status == 0, f"{status} {found}")
        status, found = check_receipt(net, kept, "--store",
                                      net.path("broker", "store"))
        must(status == 0, f"{status} {found}")
        tell(True, "the log grew: the receipt still proves its record")
        other = signalled(net)
        net.seen_by_witnesses(other["index"] + 1)
        second = take_receipt(net, "lwdb-noord", other["ticket"], "second")
        by_openssl(net, tell)
        erased(net, answer, kept, tell)
        edited(net, other, second, tell, random)
    finally:
        net.stop()


OPENSSL = r"""
sed '/^$/,$d' note > t
grep '^— ' note | head -1 | cut -d' ' -f3 | base64 -d | tail -c64 > s
{ printf '\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00'
  cut -d+ -f3- vkey | base64 -d | tail -c32; } > pk.der
openssl pkey -pubin -inform DER -in pk.der -out pk.pem
openssl pkeyutl -verify -pubin -inkey pk.pem -rawin -in t -sigfile s
"""


def by_openssl(net, tell):
    """The commands of the README, on this log's own checkpoint."""
    place = net.path("openssl")
    os.makedirs(place)
    with open(os.path.join(TOP, "README.md"), encoding="utf-8") as f:
        must(OPENSSL in f.read(), "de README noemt andere opdrachten")
    _, note, _ = net.audit("checkpoint")
    for bent in (False, True):
        for name, text in (("note", note.replace("\n", "\n1", 1) if bent
                            else note), ("vkey", net.keys["vkey"] + "\n")):
            with open(os.path.join(place, name), "w",
                      encoding="utf-8") as f:
                f.write(text)
        done = subprocess.run(["bash", "-c", OPENSSL], cwd=place, text=True,
                              capture_output=True, check=False)
        must((done.returncode == 0) != bent, done.stdout + done.stderr)
    tell(True, "openssl alone verifies the checkpoint, and not a bent one")


def erased(net, answer, kept, tell):
    net.keten("gemeente-r", "erase", answer["referral"], "--reason", "RED-20")
    wait_for("het is gewist", lambda: net.audit("verify")[0] == 11)
    status, found = check_receipt(net, kept)
    must(status == 0, f"{status} {found}")
    again = take_receipt(net, "lwdb-noord", answer["ticket"], "again")
    status, found = check_receipt(net, again)
    must(status == 0, f"{status} {found}")
    status, found = check_receipt(net, kept, "--store",
                                  net.path("broker", "store"))
    must(status == 11, f"{status} {found}")
    tell(True, "after the erasure it verifies without the log, and one taken "
         "afterwards too; beside the log it says that the content is gone")


def edited(net, answer, kept, tell, random):
    """Somebody with the disk changes one byte of that record's leaf."""
    net.stop_broker()
    path = net.path("broker", "store", "data.mdb")
    with open(kept, encoding="utf-8") as f:
        extra = re.search(r"^extra (\S+)$", f.read(), re.M).group(1)
    import base64
    leaf = base64.b64decode(extra)[:48]
    with open(path, "r+b") as f:
        data = f.read()
        places = [m.start() for m in re.finditer(re.escape(leaf), data)]
        must(places, "het blad staat niet in de opslag")
        at = 16 + random.randrange(32)
        for place in places:
            f.seek(place + at)
            f.write(bytes([data[place + at] ^ 1]))
    status, out, err = net.audit("verify", "--json")
    rows = [json.loads(line) for line in out.splitlines()]
    named = [r for r in rows if r.get("index") == answer["index"]]
    must(status in (20, 21, 22) and named, f"verify: {status}\n{out}{err}")
    tell(True, f"one byte edited in the store: verify ends with {status} and "
         "names the record")
    status, found = check_receipt(net, kept, "--store",
                                  net.path("broker", "store"))
    must(status == 21 and "ander blad" in found["why"], f"{status} {found}")
    status, found = check_receipt(net, kept)
    must(status == 0, f"{status} {found}")
    tell(True, "the partner's receipt proves what stood there")


# --- the log's key ---------------------------------------------------------------------

def restart(net, change):
    """Stop the broker, change its settings, start it."""
    import yaml
    net.stop_broker()
    path = net.path("broker", "ketend.yaml")
    with open(path, encoding="utf-8") as f:
        tree = yaml.safe_load(f)
    change(tree)
    with open(path, "w", encoding="utf-8") as f:
        yaml.safe_dump(tree, f, sort_keys=False)
    net.start_broker()


def tests_of_trust(net, name, key):
    """A trust root that knows only this key of the log."""
    path = net.path("policy", name)
    with open(path, "w", encoding="ascii") as f:
        f.write(f"vkey: {key}\nintroducer: {net.keys['introducer']}\n")
    return path


def names_key(net, new, former):
    def change(tree):
        tree["log_vkey"] = new
        tree["former_log_vkey"] = former
    return change


def alarms(hand):
    return [n for n in hand.news if n.get("step") == "ALARM"
            or "ALARM" in n.get("text", "")]


@story("42-log-key")
def log_key(where, build, tell, random):
    """The log gets a new key: signed by both, followed by everybody"""
    net = watched(where, build)
    try:
        old = net.keys["vkey"]
        net.run("ketenctl", "keygen", "log", "--dir",
                net.path("broker", "next"))
        with open(net.path("broker", "next", "log.pub"),
                  encoding="ascii") as f:
            new = vkey(net.origin, bytes.fromhex(f.read().strip()))
        before = signalled(net)
        early = take_receipt(net, "lwdb-noord", before["ticket"], "early")
        refuses_without(net, new, old, tell)
        net.seen_by_witnesses()
        must(net.stop_witness(WITNESS) == 0, "de getuige")

        def both(tree):
            tree["keys"]["other_log"] = net.path("broker", "next", "log.key")
        restart(net, both)
        lwdb = driver(net, "lwdb-noord")
        submit(lwdb)
        net.change_policy(names_key(net, new, [old]))
        wait_for("het nieuwe beleid", lambda: status_of(net)["policy"] == 4)
        submit(lwdb)
        wait_for("de nieuwe sleutel", lambda: any(
            "nieuwe sleutel" in n["text"] for n in hand_news(lwdb)))
        must(not alarms_of(lwdb), alarms_of(lwdb))
        tell(True, "a connected partner takes the new key, signed by both, "
             "without an alarm")
        lwdb.stop()
        by_the_old_key(net, before, old, new, tell)
        net.start_witness(WITNESS)
        net.seen_by_witnesses()
        must(net.stop_witness(WITNESS) == 0, "de getuige")

        def only_new(tree):
            tree["keys"] = {"curve": tree["keys"]["curve"],
                            "log": net.path("broker", "next", "log.key")}
        restart(net, only_new)
        with open(net.path("policy", "log.vkey"), "w",
                  encoding="ascii") as f:
            f.write(new + "\n")
        net.start_witness(WITNESS)
        lwdb.start()
        submit(lwdb)
        net.seen_by_witnesses()
        must(not alarms_of(lwdb), alarms_of(lwdb))
        lwdb.stop()
        after = signalled(net)
        net.seen_by_witnesses()
        late = take_receipt(net, "lwdb-noord", after["ticket"], "late")
        tell(True, "only the new key signs: partner and witness go on")
        was_away(net, tell)
        audits(net, old, new, early, late, tell)
        stranger(net, tell)
    finally:
        net.stop()


def by_the_old_key(net, before, old, new, tell):
    """The newest that the witness signed is of before there were two keys."""
    path = take_receipt(net, "lwdb-noord", before["ticket"], "between")
    for key, good in ((old, 10), (new, 20)):
        status, found = check_receipt(net, path, trust=tests_of_trust(
            net, "between.yaml", key))
        must(status == good, f"{status} {found}")
    status, found = check_receipt(net, path)
    must(status == 0 and found["witnesses"] == 1, f"{status} {found}")
    _, _, err = net.keten("lwdb-noord", "inbox")
    must("ALARM" not in err, err)
    tell(True, "a checkpoint of before, by the key that the policy names as "
         "the former one, is taken without an alarm")


def hand_news(hand):
    return [{"text": str(n)} for n in hand.news]


def alarms_of(hand):
    return [n for n in hand_news(hand) if "ALARM" in n["text"]]


def refuses_without(net, new, old, tell):
    """A policy that names a key the broker does not hold stays outside."""
    net.change_policy(names_key(net, new, [old]))
    wait_for("de weigering", lambda: log_has(net, "ketend", "RELOAD_FAILED"))
    must(status_of(net)["policy"] == 1, status_of(net))
    status, out, err = net.run("ketend", "-c",
                               net.path("broker", "ketend.yaml"), "-t",
                               check=False)
    must(status == 3 and "log_vkey" in out + err, f"{status} {out}{err}")
    net.change_policy(names_key(net, old, []))
    wait_for("het beleid van nu", lambda: status_of(net)["policy"] >= 3)
    tell(True, "a policy that names a key the broker does not have is "
         "refused, by -t too")


def was_away(net, tell):
    """Who was not there while both signed has to decide."""
    def told():
        status, out, _ = net.keten("gemeente-r", "trust", check=False)
        return status == 5 and "nieuwe sleutel van het logboek" in out
    wait_for("de vraag aan wie weg was", told)
    net.keten("gemeente-r", "trust", "--accept", check=False)

    def goes_on():
        rows = net.keten_json("gemeente-r", "trust")
        return rows[0]["connected"] and rows[0]["size"] > 0
    wait_for("wie weg was doet weer mee", goes_on, 40, 0.5)
    tell(True, "who was away until only the new key signed is asked, and "
         "goes on when somebody accepted it")


def audits(net, old, new, early, late, tell):
    store = ["--store", net.path("broker", "store")]
    for name, key in (("old.yaml", old), ("new.yaml", new)):
        trust = tests_of_trust(net, name, key)
        for verb in ("verify", "checkpoint"):
            status, out, err = net.run("keten-audit", verb, *store, "--trust",
                                       trust, check=False)
            must(status in (0, 10), f"{verb} {name}: {status}\n{out}{err}")
        follow = ["--policy", net.path("policy", "policy.signed")]
        for path in (early, late):
            status, found = check_receipt(net, path, *follow, trust=trust)
            must(status == 10, f"{path} {name}: {status} {found}")
    tell(True, "an auditor with either key verifies all of it, and receipts "
         "of before and after by the signed policy")
    status, found = check_receipt(net, late,
                                  trust=tests_of_trust(net, "x.yaml", old))
    must(status == 20, f"{status} {found}")
    other = vkey(net.origin, bytes(range(32)))
    status, out, err = net.run("keten-audit", "verify", *store, "--trust",
                               tests_of_trust(net, "other.yaml", other),
                               check=False)
    must(status == 24 or status == 20, f"{status}\n{out}{err}")
    tell(True, "without the policy the old key proves nothing new; a key that "
         "no policy names is refused")


def stranger(net, tell):
    """A broker that signs with a key that nobody named."""
    net.run("ketenctl", "keygen", "log", "--dir", net.path("broker", "evil"))

    def evil(tree):
        tree["keys"]["log"] = net.path("broker", "evil", "log.key")
    try:
        restart(net, evil)
        must(False, "de makelaar begon met een sleutel die het beleid niet "
             "noemt")
    except Trouble:
        pass
    net.children.pop("ketend", None)
    must(log_has(net, "ketend", "log_vkey"), net.tail("ketend"))
    tell(True, "nor does a broker start with a key that the policy does not "
         "name")


@story("46-log-key-and-a-crash")
def log_key_crash(where, build, tell, random):
    """Killed before both keys signed for the new one: it does not go on with
    one"""
    import yaml
    net = Network(where, build, settings={"times": {"checkpoint": "60 s"}})
    net.make(CAST)
    net.run("ketenctl", "keygen", "log", "--dir", net.path("broker", "next"))
    with open(net.path("broker", "next", "log.pub"), encoding="ascii") as f:
        new = vkey(net.origin, bytes.fromhex(f.read().strip()))
    old = net.keys["vkey"]
    path = net.path("broker", "ketend.yaml")

    def keys(log, other):
        with open(path, encoding="utf-8") as f:
            tree = yaml.safe_load(f)
        tree["keys"] = {"curve": tree["keys"]["curve"], "log": log}
        if other is not None:
            tree["keys"]["other_log"] = other
        with open(path, "w", encoding="utf-8") as f:
            yaml.safe_dump(tree, f, sort_keys=False)
    first = net.path("broker", "keys", "log.key")
    second = net.path("broker", "next", "log.key")
    try:
        keys(first, second)
        net.start_broker()
        net.change_policy(names_key(net, old, []))
        wait_for("het eerste", lambda: status_of(net)["policy"] == 2)
        net.change_policy(names_key(net, new, [old]))
        wait_for("het tweede", lambda: status_of(net)["policy"] == 3)
        must(status_of(net)["checkpoint"] < status_of(net)["size"],
             "er was al een controlepunt over")
        net.kill_broker()
        keys(second, None)
        try:
            net.start_broker()
            must(False, "de makelaar tekende alleen met de nieuwe sleutel")
        except Trouble:
            net.children.pop("ketend", None)
        must(log_has(net, "ketend", "vorige sleutel"), net.tail("ketend"))
        tell(True, "with the new key alone it does not start")
        keys(second, first)
        net.start_broker()
        wait_for("een controlepunt met beide", lambda: status_of(net)
                 ["checkpoint"] > 0)
        net.stop_broker()
        keys(second, None)
        net.start_broker()
        for name, key in (("old.yaml", old), ("new.yaml", new)):
            status, out, err = net.run(
                "keten-audit", "verify", "--store",
                net.path("broker", "store"), "--trust",
                tests_of_trust(net, name, key), check=False)
            must(status == 10, f"{name}: {status}\n{out}{err}")
        tell(True, "with both it signs, and from then on the new one is "
             "enough")
    finally:
        net.stop()


# --- the log stands still ------------------------------------------------------------------

@story("43-stands-still")
def stands_still(where, build, tell, random):
    """The broker gives receipts and signs no checkpoint: everybody is told"""
    net = Network(where, build, settings={
        "limits": {"rate": 100000, "burst": 100000},
        "times": {"checkpoint": "60 s"}})
    net.make(CAST)
    for partner in CAST:
        net.change_device(partner, lambda tree: tree.update(
            log_still="2 s"))
    try:
        net.start_broker()
        net.enrol(CAST)
        net.start_adapter("welzijn-w")
        lwdb = driver(net, "lwdb-noord")
        submit(lwdb)
        wait_for("het alarm", lambda: alarms_of(lwdb), 30)
        must("staat stil" in str(alarms_of(lwdb)), alarms_of(lwdb))
        tell(True, "the sender is told that the log stands still")
        lwdb.stop()
        _, _, err = net.keten("lwdb-noord", "inbox")
        must("staat stil" in err, err)
        status, out, _ = net.keten("lwdb-noord", "trust", check=False)
        must("staat stil" in out and status == 5, f"{status} {out}")
        net.keten("lwdb-noord", "trust", "--accept", check=False)
        _, _, err = net.keten("lwdb-noord", "inbox")
        must("staat stil" not in err, err)
        tell(True, "every command shows it, until somebody accepts it")
        wait_for("het alarm in de map", lambda: adapter_told(net), 30)
        tell(True, "who has a folder finds it there")
    finally:
        net.stop()
        expected(net, "staat stil")


def expected(net, word):
    """This story is about an alarm: those lines are no trouble."""
    for name in os.listdir(net.path("log")):
        with open(net.path("log", name), "r+", encoding="utf-8",
                  errors="replace") as f:
            lines = [line for line in f if word not in line]
            f.seek(0)
            f.truncate()
            f.writelines(lines)


def adapter_told(net):
    for root, _, names in os.walk(net.folder("welzijn-w")):
        for name in names:
            with open(os.path.join(root, name), encoding="utf-8",
                      errors="replace") as f:
                if "staat stil" in f.read():
                    return True
    return log_has(net, "keten-adapter-welzijn", "staat stil")
