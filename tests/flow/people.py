"""What people meet: mistakes at the command line, help, and plain words.

A command that does not fit is refused with status 2 and one line that says
what to do; what a person reads has no names of fields in it.
"""

import json
import re

from more import audited, driver, must, network, story, submit

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
                            (["restore", "x"], "--to")):
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
        tell(True, "who never had a device is not called away")
        net.stop_broker()
        refused(net.ctl("status", check=False), "ketend", "no broker", 3)
        tell(True, "without a broker: status 3, and what to do")
    finally:
        net.stop()


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
        audited(net, tell)
    finally:
        net.stop()
