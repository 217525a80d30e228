"""Stories about who looks at the log: a witness, somebody with an old receipt,
and everybody who notices that it stands still.

As in more.py each is a function (where, build, tell, random).
"""

import json
import os
import re
import shutil
import subprocess
import time

from more import SIGNAL, driver, must, story, submit
from network import TOP, Network, wait_for

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


def hand_news(hand):
    return [{"text": str(n)} for n in hand.news]


def alarms_of(hand):
    return [n for n in hand_news(hand) if "ALARM" in n["text"]]


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
    must(took < 30, f"een melding duurde {took:.1f} s")
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
