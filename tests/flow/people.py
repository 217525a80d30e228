"""What people meet: mistakes at the command line, help, and plain words.

A command that does not fit is refused with status 2 and one line that says
what to do; what a person reads has no names of fields in it.
"""

import json
import os
import re
import subprocess

import yaml

from more import audited, driver, must, network, story, submit
from network import wait_for, write

CTL = {
    "status": 0, "queue": 0, "show": 1, "explain": 1, "report": 2,
    "partner": 1, "partner list": 1, "partner revoke": 1,
    "partner suspect": 1, "policy check": 2, "policy sign": 1,
    "policy diff": 2, "policy load": 1, "policy show": 0, "erase": 0,
    "erase list": 0, "erase status": 0, "backup": 1, "restore": 1,
    "metrics": 0, "clock": 0, "clock accept": 0, "clock set": 1,
    "clock jump": 1, "guard": 0, "guard accept": 2, "keygen": 1}
AUDIT = {
    "verify": 0, "replay": 0, "trace": 1, "show": 16, "prove": 1,
    "receipt": 1, "checkpoint": 0, "export": 1, "case": 1, "access": 1,
    "consistency": 1, "keys": 0, "sample": 1, "report": 2, "selftest": 0,
    "witness": 1}
KINDS = ["thuiszorg", "welzijn", "corporation", "lwdb"]
NOBODY = "0190f3a2-0000-7000-8000-000000000001"


def refused(out, word, what, status=2):
    """That status, nothing on stdout, and a line or two with the word."""
    code, text, err = out
    must(code == status, f"{what}: status {code}\n{text}{err}")
    must(text == "", f"{what}: dit hoort niet op stdout: {text}")
    must(word in err and 0 < len(err.splitlines()) <= 3,
         f"{what}: {err}")


def fields(tree):
    """Every name of a field in it."""
    if isinstance(tree, dict):
        for name, value in tree.items():
            yield name
            yield from fields(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from fields(value)


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


def helps(net, tell, program, names):
    """--help and --version of a program and of everything it does."""
    code, out, err = net.run(program, "--version")
    must(re.fullmatch(r"\S+ \d+\.\d+\.\d+\n", out) and not err,
         f"{program} --version: {out}{err}")
    for name in [None] + sorted(names):
        words = name.split() if name else []
        code, out, err = net.run(program, *words, "--help", check=False)
        what = f"{program} {name or ''} --help"
        must(code == 0 and not err, f"{what}: {code} {err}")
        must(out.startswith("Voorbeelden"), f"{what}: {out[:60]}")
        must(name is None or f"{program} {name}" in out, f"{what}: {out}")
    tell(True, f"{program}: --version, and --help of {len(names)} commands "
         "that begins with examples")


# --- the operator's tool -----------------------------------------------------

@story("70-operators-mistakes")
def operators(where, build, tell, random):
    """ketenctl: no word too many or too few, and Dutch for who reads it"""
    net = network(where, build, ["lwdb-noord", "welzijn-w"])
    try:
        helps(net, tell, "ketenctl", CTL)
        for name, most in CTL.items():
            extra = ["x"] * most + ["onzin"]
            refused(net.ctl(*name.split(), *extra, check=False),
                    "'onzin' hoort hier niet", f"{name} {extra}")
            refused(net.ctl(*name.split(), "--onzin", check=False),
                    "--onzin is er niet", f"{name} --onzin")
        tell(True, f"each of {len(CTL)} commands refuses a surplus word and "
             "an unknown option")
        for words, word in ((["show"], "VERWIJZING"),
                            (["policy"], "check, sign, diff, load, show"),
                            (["policy", "chek"], "bedoelde u check?"),
                            (["stauts"], "bedoelde u status?"),
                            (["guard", "accept", "5"], "GROOTTE WORTEL"),
                            (["status", "--code", "SIG-101"],
                             "--code hoort hier niet"),
                            (["status", "--sokcet", "x"],
                             "bedoelde u --socket?"),
                            (["restore", "x"], "--to"),
                            (["policy", "sign", "x.yaml"], "--key"),
                            (["policy", "load", "x.yaml"], "policy sign"),
                            (["partner", "revoke", "--partner", "v-oost"],
                             "--device")):
            refused(net.ctl(*words, check=False), word, " ".join(words))
        tell(True, "what is missing or mistyped is named")
        in_dutch(net, tell)
        first = two_signals(net)
        refused(net.ctl("show", first[:4], check=False),
                "minstens de eerste 8", "show 4", 1)
        refused(net.ctl("show", NOBODY, check=False), "is er niet",
                "show nobody", 1)
        must(first in net.ctl("show", first[:18])[1], "show 18")
        tell(True, "a referral is found by the beginning of its number")
        _, out, _ = net.ctl("queue")
        row = [r for r in out.splitlines() if r.startswith("zorg-z ")]
        must(row and "nog geen apparaat" in row[0], out)
        _, out, _ = net.ctl("report", "open")
        away, never = out.split("Doet nog niet mee: geen apparaat")
        must("zorg-z" in never and "zorg-z" not in away and
             "welzijn-w" in away and "welzijn-w" not in never, out)
        rows = lines(net.ctl("report", "open", "--json")[1])
        must({"without_device": "zorg-z"} in rows and
             "welzijn-w" in [r.get("unreachable") for r in rows], f"{rows}")
        tell(True, "who never had a device is not called away")
        doubtful(net, tell)
        net.stop_broker()
        refused(net.ctl("status", check=False), "ketend", "no broker", 3)
        tell(True, "without a broker: status 3, and what to do")
    finally:
        net.stop()


def doubtful(net, tell):
    """Two routes that fit equally well: said wherever a policy is read."""
    source = net.path("policy", "nieuw.yaml")
    with open(net.path("policy", "policy.yaml"), encoding="utf-8") as f:
        tree = yaml.safe_load(f)
    tree["index"] += 1
    tree["routes"].append({"id": "R-DUBBEL", "codes": ["DST-102"],
                           "rungs": [["lwdb-noord"]]})
    write(source, yaml.safe_dump(tree, allow_unicode=True, sort_keys=False))
    both = "'R-DST-102' en 'R-DUBBEL'"
    for words in (["check", source], ["diff", source],
                  ["sign", source, "--key",
                   net.path("secret", "introducer.key"), "--out",
                   net.path("nieuw.signed")],
                  ["check", net.path("nieuw.signed")]):
        _, _, err = net.ctl("policy", *words)
        must(both in err and "let op" in err, f"{words}: {err}")
    _, out, _ = net.ctl("policy", "load", net.path("nieuw.signed"))
    must(both in out and "Let op" in out, out)
    with open(net.path("log", "ketend.log"), encoding="utf-8") as f:
        must("POLICY_DOUBT" in f.read(), "het journaal zegt niets")
    tell(True, "two equal routes with other candidates are named, by check, "
         "diff, sign and load")


def in_dutch(net, tell):
    """No name of a field is in what people read."""
    for name in ("status", "guard", "clock", "erase", "erase list",
                 "erase status", "policy show", "partner", "queue"):
        _, out, _ = net.ctl(*name.split())
        _, raw, _ = net.ctl(*name.split(), "--json")
        names = set(fields(lines(raw)))
        for field in names:
            must(not re.search(rf"^\s*-?\s*{field}:", out, re.M) and not (
                "_" in field and field in out), f"{name}: {field}\n{out}")
        must(out.strip(), name)
    tell(True, "status, guard, clock, erase, policy, partner and queue: "
         "plain Dutch for people, --json for programs")


def two_signals(net):
    """Two whose numbers begin alike; the first of them.

    The first 8 characters are the time, in steps of 65 seconds: of three one
    after another, two stand in the same step.
    """
    lwdb = driver(net, "lwdb-noord")
    ids = [submit(lwdb), submit(lwdb)]
    while ids[-1][:8] != ids[-2][:8]:
        ids.append(submit(lwdb))
    lwdb.stop()
    return ids[-2]


@story("73-programs-that-stay")
def daemons(where, build, tell, random):
    """ketend and the adapters: a wrong word is named, and nothing starts"""
    net = network(where, build, ["welzijn-w"])
    try:
        helps(net, tell, "ketend", [])
        for kind in KINDS:
            helps(net, tell, f"keten-adapter-{kind}", [])
        for program in ["ketend"] + [f"keten-adapter-{k}" for k in KINDS]:
            for words, word in ((["--onzin"], "--onzin hoort hier niet"),
                                (["-x"], "-x hoort hier niet"),
                                (["onzin"], "onzin hoort hier niet"),
                                (["--config"], "heeft een waarde nodig"),
                                ([], "--config ontbreekt")):
                refused(net.run(program, *words, check=False), word,
                        f"{program} {words}")
            code, _, err = net.run(program, "-c", net.path("nergens.yaml"),
                                   check=False)
            must(code in (2, 3) and "nergens.yaml" in err, f"{code} {err}")
        tell(True, "ketend and four adapters name the wrong word, and what "
             "is missing")
        good = net.path("broker", "ketend.yaml")
        _, out, _ = net.run("ketend", "-c", good, "-t")
        must(out == "in orde\n", out)
        with open(good, encoding="utf-8") as f:
            text = f.read()
        write(net.path("broker", "fout.yaml"), text + "\nonzin: ja\n")
        refused(net.run("ketend", "-c", net.path("broker", "fout.yaml"), "-t",
                        check=False), "onzin", "ketend -t", 3)
        code, out, _ = net.run("ketend", "-c", net.path("broker", "fout.yaml"),
                               "-t", "--json", check=False)
        must(code == 3 and "onzin" in lines(out)[0]["mistake"], out)
        tell(True, "ketend -t names a mistake with its line, as JSON too")
        code, _, err = net.run("ketend", "-c", good, check=False)
        must(code == 3 and "andere ketend" in err, f"{code} {err}")
        tell(True, "a second broker on the same store says so, and ends")
    finally:
        net.stop()


# --- the auditor's ------------------------------------------------------------

@story("71-auditors-mistakes")
def auditors(where, build, tell, random):
    """keten-audit: the same options everywhere, and never an empty page"""
    net = network(where, build, ["lwdb-noord", "welzijn-w"])
    try:
        helps(net, tell, "keten-audit", AUDIT)
        first = two_signals(net)
        trust = net.audit_trust()
        for name, most in AUDIT.items():
            refused(net.run("keten-audit", name, *["x"] * most, "onzin",
                            *trust, check=False),
                    "hoogstens 16" if most == 16 else
                    "'onzin' hoort hier niet", name)
            refused(net.run("keten-audit", name, "--onzin", *trust,
                            check=False), "--onzin is er hier niet", name)
        tell(True, f"each of {len(AUDIT)} commands refuses a surplus word "
             "and an unknown option")
        for words in (["report", "open"], ["report", "figures"],
                      ["keys"], ["replay"], ["trace", first[:18]],
                      ["access", first[:18]], ["show", "1"],
                      ["prove", "1"], ["checkpoint"], ["export"],
                      ["consistency", "1"], ["case", first[:18]],
                      ["selftest"], ["sample", "--seed", "x"]):
            code, out, err = net.run("keten-audit", *words, *trust,
                                     "--json", check=False)
            must(code in (0, 10, 11) and out.strip(),
                 f"{words}: {code}\n{out}{err}")
            must(json.loads(out) if words[0] == "case" else lines(out),
                 f"{words}: {out}")
        tell(True, "all take --trust and --json, and find a referral by the "
             "beginning of its number")
        for name in ("access", "trace", "case"):
            refused(net.run("keten-audit", name, NOBODY, *trust,
                            check=False), NOBODY, name)
            refused(net.run("keten-audit", name, first[:8], *trust,
                            check=False), "meer verwijzingen", name)
        tell(True, "an unknown referral is an error, not an empty page; an "
             "ambiguous one names two")
        full_disk(net, trust, tell)
        audited(net, tell)
    finally:
        net.stop()


def full_disk(net, trust, tell):
    """What does not fit is said, and half of it does not stay."""
    where = net.path("half.csv")
    audit = net.program("keten-audit")
    for words in (["export", "--format", "csv", "--out", where],
                  ["export", "--format", "jsonl", "--out", where]):
        done = subprocess.run(
            ["sh", "-c", 'ulimit -f 1; exec "$0" "$@"', audit, *words, *trust],
            capture_output=True, text=True, timeout=60)
        must(done.returncode == 2 and "niet alles is geschreven" in
             done.stderr and not os.path.exists(where),
             f"{words}: {done.returncode} {done.stderr}")
    for words in (["report", "open"], ["verify"], ["trace", NOBODY]):
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run([audit, *words, *trust], stdout=full,
                                  stderr=subprocess.PIPE, text=True,
                                  timeout=60)
        must(done.returncode == 2 and done.stderr,
             f"{words}: {done.returncode} {done.stderr}")
    tell(True, "a full disk is an error with a sentence, and leaves no half "
         "export")


# --- a partner's --------------------------------------------------------------

VERBS = ("signal request explain inbox show open review accept decline return "
         "start ask answer pause resume report supplement urgent handover "
         "transfer retract complete giveup fail withdraw askwithdraw agree "
         "refuse confirm takeover offermore error acknowledge erase retain "
         "unretain reopen outbox cancel watch find opened codes catalogue "
         "receipt oversight trust sync keygen enrol key").split()
SUNDAY = 1777183200000          # zo 26-04-2026 08:00, before King's Day


@story("72-partners-mistakes")
def partners(where, build, tell, random):
    """keten: refused at once what nobody would take, with what to do"""
    net = network(where, build, ["lwdb-noord", "welzijn-w", "thuiszorg-t"],
                  clock_ms=SUNDAY)
    try:
        helps(net, tell, "keten", VERBS)
        for verb in VERBS:
            if verb != "catalogue":     # its words are fields of an entry
                refused(net.keten("lwdb-noord", verb, *["x"] * 3,
                                  check=False), "hoort hier niet", verb)
            refused(net.keten("lwdb-noord", verb, "--onzin", check=False),
                    "--onzin hoort hier niet", verb)
        tell(True, f"each of {len(VERBS)} verbs refuses a surplus word and "
             "an unknown option")
        foreign_key(net, tell)
        codes(net, tell)
        opening(net, tell)
        quietly(net, tell)
        audited(net, tell)
    finally:
        net.stop()


def foreign_key(net, tell):
    """What another's identity key signs is never made."""
    made = net.path("certificates", "mine")
    wait_for("lwdb-noord kent beleid en sleutels", lambda: net.keten(
        "lwdb-noord", "key", "list")[1])
    other = net.path("secret", "welzijn-w.key")
    for words in (["key", "revoke", "--device", "main", "--reason", "lost"],
                  ["key", "rotate", "--sign"], ["enrol"]):
        refused(net.keten("lwdb-noord", *words, "--identity", other, "--dir",
                          made, check=False),
                "maar die van welzijn-w", " ".join(words), 1)
        must(not os.path.exists(made) or not os.listdir(made),
             f"{words}: {made} is niet leeg")
    tell(True, "an identity key of another partner makes no certificate and "
         "ends no key")
    out = net.keten("lwdb-noord", "key", "revoke", "--device", "main",
                    "--reason", "lost", "--identity",
                    net.path("secret", "lwdb-noord.key"), "--dir", made)
    must(os.listdir(made) == [os.path.basename(out[1].strip())], f"{out}")
    tell(True, "the partner's own does")


def codes(net, tell):
    for code, word in (("ZZZ", "staat niet in het beleid"),
                       ("DST-110", "bedoelde u DST-101"),
                       ("DST-100", "DST-101, DST-102"),
                       ("AFW-01", "staat niet in het beleid")):
        for words in (["catalogue"], ["catalogue", "missing"]):
            out = net.keten("lwdb-noord", *words, "--code", code, "--area",
                            "WK085501", check=False)
            refused(out, word, f"{words} {code}")
            must("ontbreekt" not in out[2], out[2])
    tell(True, "a code that does not exist is refused, with the nearest; "
         "nobody records it as missing")


def opening(net, tell):
    """Why a search finds nothing now, and when it would."""
    search = ["catalogue", "--code", "DST-101", "--area", "WK085501"]
    _, out, err = net.keten("thuiszorg-t", *search, "--open-now")
    must(out == "" and "Niemand biedt dit aan" in err, err)
    net.keten("lwdb-noord", "catalogue", "add", "dienst=DST-101",
              "capaciteit=ja", "gebieden=WK085501",
              "openingstijden=di-vr 10:00-12:00")
    net.keten("welzijn-w", "catalogue", "add", "dienst=DST-101",
              "capaciteit=ja", "gebieden=WK085501")
    _, out, err = net.keten("thuiszorg-t", *search, "--open-now")
    must(out == "" and "2 vermeldingen" in err and
         "welzijn-w" in err and "di 28-04-2026 08:30" in err, err)
    _, out, err = net.keten("thuiszorg-t", *search)
    must("open vanaf di 28-04-2026 10:00" in out and not err, f"{out}{err}")
    tell(True, "--open-now on a Sunday before King's Day: nobody, and from "
         "when on Tuesday")


def quietly(net, tell):
    """What somebody types answers, and says nothing about connecting."""
    def asked():
        _, out, err = net.keten("thuiszorg-t", "trust", "--json")
        return out if err == "" else None   # else: no connection yet
    row = json.loads(wait_for("een antwoord en verder niets", asked))
    must(row["since_ms"] is None, f"{row}")
    wait_for("een regel over de verbinding", lambda: "CONNECT" in net.keten(
        "thuiszorg-t", "trust", "--verbose")[2])
    tell(True, "keten says that it connects with --verbose only; there is no "
         "date where nothing was accepted")
    write(net.path("leeg.json"), "")
    refused(net.keten("lwdb-noord", "signal", "--code", "SIG-101", "--area",
                      "WK085501", "--basis", "G-TOE", "--person",
                      "@" + net.path("er-niet.json"), check=False),
            "niet te lezen", "no file")
    refused(net.run("keten", "inbox", "--config", net.path("nergens.yaml"),
                    check=False), "nergens.yaml", "no settings", 4)
    tell(True, "a file that is not there is named")
