"""Stories about keys: new ones, stolen ones, and who decides.

As in more.py each is a function (where, build, tell, random).
"""

import json
import os
import shutil
import signal
import time

import checks
from more import PERSON, SIGNAL, audited, driver, must, network, read, story, \
    submit
from network import wait_for

CAST = ["lwdb-noord", "welzijn-w", "gemeente-r"]


def identity(net, partner):
    return net.path("secret", partner + ".key")


def keten_key(net, where, *args, check=True, **more_args):
    return net.run("keten", "key", *args, "-c", net.device_settings(where),
                   check=check, **more_args)


def certified_by(net, where, out):
    """Give the files that were printed to the operator."""
    files = [line for line in out.split() if line.endswith((".cert",
                                                            ".revoke"))]
    must(files, f"{where}: geen certificaat in {out!r}")
    net.ctl("enrol", *files)
    return files


def second_device(net, partner, device, mailbox):
    """Another device of a partner, with the partner's sealing key."""
    name = f"{partner}.{device}"
    home = net.path("partners", name)
    net._device(name, device)

    def its_own(tree):
        tree["partner"] = partner
        tree["mailbox"] = mailbox
        tree.pop("adapter", None)
    net.change_device(name, its_own)
    for key in os.listdir(net.path("partners", partner, "keys")):
        if key.startswith("seal"):
            shutil.copy2(net.path("partners", partner, "keys", key),
                         os.path.join(home, "keys", key))
    _, out, _ = net.run("keten", "enrol", "-c", net.device_settings(name),
                        "--identity", identity(net, partner), "--dir",
                        net.path("certificates"), "--days", "3650")
    net.ctl("enrol", *[f for f in out.split() if device in f])
    return name


def exported(net):
    status, out, err = net.audit("export")
    must(status in checks.GOOD, f"export: {status} {err}")
    return [json.loads(line) for line in out.splitlines()]


def size(net):
    return net.ask(cmd="status")["size"]


def said_by(rows, partner, device):
    """The records that a device signed."""
    for row in rows:
        body = row.get("envelope", {}).get("body", {})
        if body.get("partner") == partner and body.get("device") == device \
                and row["kind"] != "KEY":
            yield row["index"]


def devices_of(net, partner):
    rows = net.ask(cmd="partner", partner=partner, all=True)[0]
    return rows["devices"], rows["sealing"]


# --- a laptop is stolen --------------------------------------------------------

@story("23-stolen-laptop")
def stolen_laptop(where, build, tell, random):
    """A laptop is stolen: its keys die, its spool stays shut, work goes on"""
    def two_boxes(tree):
        for p in tree["partners"]:
            if p["id"] == "welzijn-w":
                p["mailboxes"] = ["main", "laptop"]
    net = network(where, build, CAST, patch=two_boxes)
    try:
        laptop_name = second_device(net, "welzijn-w", "laptop", "laptop")
        lwdb = driver(net, "lwdb-noord")
        desk = driver(net, "welzijn-w")
        laptop = driver(net, laptop_name)
        first = submit(lwdb)
        wait_for("het aanbod op de laptop", lambda: laptop.show(first))
        out = laptop.finish(laptop.begin("ACCEPT", referral=first))
        must(out["status"] == "done", f"ACCEPT: {out}")
        wait_for("wie het is, op de laptop", lambda: laptop.open_part(
            first, "person"))
        before = out["index"] + 2      # suspect from its ACCEPT on

        # In one second, from another device, with the identity key.
        began = time.monotonic()
        _, out, err = keten_key(
            net, "welzijn-w", "revoke", "--device", "laptop", "--reason",
            "stolen", "--suspect-from", before - 2, "--identity",
            identity(net, "welzijn-w"), "--dir", net.path("certificates"),
            "--send")
        must("in het logboek" in err, out + err)
        laptop.wait(lambda: not laptop.connected, "de laptop is los", 5)
        took = time.monotonic() - began
        key = max(d["ended"] for d in devices_of(net, "welzijn-w")[0])
        must(key > 0, "de sleutel geldt nog")
        must(took < 30, f"{took:.1f} s na de opdracht was de laptop nog "
             "verbonden")
        tell(True, f"cut off {took:.1f} s after somebody typed the command")

        ticket = laptop.reply(laptop.begin("START", referral=first))["ticket"]
        time.sleep(1.5)
        must(laptop.call("outcome", ticket=ticket)["status"]
             not in ("done", "refused"), "de laptop kwam er nog in")
        late = [i for i in said_by(exported(net), "welzijn-w", "laptop")
                if i > key]
        must(not late, f"na record {key} nog {late} van de laptop")
        tell(True, "nothing that the laptop says after the KEY record counts")
        laptop.stop()

        thief(net, laptop_name, tell)
        goes_on(net, lwdb, desk, first, laptop_name, tell)

        _, out, _ = net.ctl("partner", "suspect", "welzijn-w")
        must("laptop" in out and f"vanaf record {before - 2}" in out, out)
        _, out, _ = net.keten("lwdb-noord", "trust")
        must("Leg dit vast" in out, out)
        tell(True, "ketenctl partner suspect names what it signed at the end")
        status, out, err = net.audit("verify", "--json")
        notes = [json.loads(line) for line in out.splitlines()]
        notes = [n for n in notes if n["type"] == "note"]
        must(status in checks.GOOD and notes and all(
            n["index"] >= before - 2 and "welzijn-w/laptop" in n["text"]
            for n in notes), f"verify: {status}\n{out}{err}")
        rows = [json.loads(line) for line in net.audit(
            "trace", first, "--json")[1].splitlines()]
        flagged = [r["index"] for r in rows if "suspect_from" in r]
        must(flagged and set(flagged) <= {n["index"] for n in notes},
             f"{flagged} {notes}")
        tell(True, "verify and trace flag what it signed, and void nothing")
        lwdb.stop()
        desk.stop()
        audited(net, tell)
    finally:
        net.stop()


def thief(net, name, tell):
    """What somebody has who has the laptop's disk, and not its spool key."""
    home = net.path("partners", name)
    for folder, _, names in os.walk(os.path.join(home, "spool")):
        for n in names:
            path = os.path.join(folder, n)
            if not os.path.isfile(path):
                continue
            with open(path, "rb") as f:
                data = f.read()
            for word in (PERSON["name"], PERSON["street"], SIGNAL["note"]):
                must(word.encode() not in data, f"{word} staat in {path}")
    # The spool key comes from systemd's credentials; the thief has another.
    os.unlink(os.path.join(home, "keys", "spool.key"))
    net.run("keten", "keygen", "--dir", os.path.join(home, "keys"))
    status, out, err = net.keten(name, "inbox", check=False)
    must(status == 4 and PERSON["name"] not in out + err,
         f"inbox: {status} {out}{err}")
    tell(True, "without the spool key nothing on its disk can be read")


def goes_on(net, lwdb, desk, first, laptop_name, tell):
    """The sealing key that was on the laptop is replaced; work goes on."""
    old = devices_of(net, "welzijn-w")[1][-1]["key"]
    _, out, err = keten_key(net, "welzijn-w", "rotate", "--seal",
                            "--identity", identity(net, "welzijn-w"),
                            "--dir", net.path("certificates"), "--send")
    must("in het logboek" in err, err)
    new = devices_of(net, "welzijn-w")[1][-1]["key"]
    must(old != new, "dezelfde zegelsleutel")
    keten_key(net, "welzijn-w", "revoke", "--sealing", old, "--reason",
              "stolen", "--identity", identity(net, "welzijn-w"), "--dir",
              net.path("certificates"), "--send")

    out = desk.finish(desk.begin("START", referral=first))
    must(out["status"] == "done", f"START: {out}")
    must(PERSON["name"] in (desk.open_part(first, "person") or ""),
         "wat er al was is niet meer te openen")
    out = desk.finish(desk.begin("COMPLETE", referral=first,
                                 outcome="UIT-01", text="Het is geregeld."))
    must(out["status"] == "done", f"COMPLETE: {out}")
    tell(True, "another device finishes what the laptop began")

    from_here = size(net)
    second = submit(lwdb)
    wait_for("het nieuwe aanbod", lambda: desk.show(second))
    out = desk.finish(desk.begin("ACCEPT", referral=second))
    must(out["status"] == "done", f"ACCEPT: {out}")
    wait_for("wie het is", lambda: PERSON["name"] in (
        desk.open_part(second, "person") or ""))
    used = [text for row in exported(net) if row["index"] >= from_here
            for text in [json.dumps(row)]]
    must(not any(old in text for text in used),
         "er is nog verzegeld voor de gestolen sleutel")
    must(any(new in text for text in used),
         "er is niet verzegeld voor de nieuwe sleutel")
    tell(True, "new content is sealed for the new key only")


# --- new keys while work goes on -------------------------------------------------

@story("24-new-keys")
def new_keys(where, build, tell, random):
    """Keys are replaced while work goes on: what waits is signed anew"""
    net = network(where, build, CAST)
    try:
        lwdb = driver(net, "lwdb-noord")
        waits_and_is_signed_anew(net, lwdb, tell)
        waits_and_is_sealed_anew(net, lwdb, tell)
        while_it_runs(net, lwdb, tell)
        lost_sealing_key(net, lwdb, tell)
        lwdb.stop()
        audited(net, tell)
        _, out, _ = keten_key(net, "lwdb-noord", "list", "--all", "--json")
        keys = [json.loads(line) for line in out.splitlines()]
        must(sum(k["used"] and not k["ended"] for k in keys) == 2, out)
        serials = [k["serial"] for k in sorted(
            keys, key=lambda k: k["index"]) if k["device"]]
        must(serials == sorted(set(serials)), f"serienummers {serials}")
        _, out, _ = keten_key(net, "lwdb-noord", "tidy")
        must(len(out.split()) >= 4, f"tidy: {out}")
        lwdb.start()
        submit(lwdb)
        lwdb.stop()
        tell(True, "keten key list and tidy: what is old goes, what counts "
             "works on")
    finally:
        net.stop()


def waits_and_is_signed_anew(net, lwdb, tell):
    """Statements that nobody received get the new signature, not a new
    number."""
    # A step on what is known is signed without asking the broker anything.
    mine = [submit(lwdb) for _ in range(3)]
    os.kill(net.children["ketend"].pid, signal.SIGSTOP)
    tickets = [lwdb.reply(lwdb.begin("SUPPLEMENT", referral=r, text=f"{i}"))
               ["ticket"] for i, r in enumerate(mine)]
    wait_for("ondertekend en verstuurd", lambda: all(
        lwdb.call("outcome", ticket=t)["status"] == "sent" for t in tickets))
    numbers = [lwdb.call("outcome", ticket=t)["number"] for t in tickets]
    lwdb.kill()
    net.kill_broker()
    _, out, _ = keten_key(net, "lwdb-noord", "rotate", "--identity",
                          identity(net, "lwdb-noord"), "--dir",
                          net.path("certificates"))
    net.start_broker()
    certified_by(net, "lwdb-noord", out)
    lwdb.start()
    for ticket, number in zip(tickets, numbers):
        out = lwdb.finish_ticket(ticket)
        must(out["status"] == "done" and out["number"] == number,
             f"nummer {number}: {out}")
    must("signed anew" in read(net.path("log", "driver-lwdb-noord.log")),
         "er is niets opnieuw ondertekend")
    tell(True, "what waited went out under its own numbers with the new key")


def waits_and_is_sealed_anew(net, lwdb, tell):
    """What was sealed for a key that is gone since is sealed for the new one,
    under the same number."""
    desk = driver(net, "welzijn-w")
    mine = submit(lwdb)
    wait_for("het aanbod", lambda: desk.show(mine))
    out = desk.finish(desk.begin("ACCEPT", referral=mine))
    must(out["status"] == "done", f"ACCEPT: {out}")
    # Then it knows everybody's keys, and need not ask for the next one.
    out = desk.finish(desk.begin("REPORT", referral=mine, text="Gebeld."))
    must(out["status"] == "done", f"REPORT: {out}")
    os.kill(net.children["ketend"].pid, signal.SIGSTOP)
    ticket = desk.reply(desk.begin("REPORT", referral=mine,
                                   text="Eerste bezoek."))["ticket"]
    wait_for("ondertekend en verstuurd", lambda: desk.call(
        "outcome", ticket=ticket)["status"] == "sent")
    number = desk.call("outcome", ticket=ticket)["number"]
    desk.kill()
    lwdb.stop()
    net.kill_broker()
    net.start_broker()
    from_here = size(net)
    old = devices_of(net, "lwdb-noord")[1][-1]["key"]
    _, out, _ = keten_key(net, "lwdb-noord", "rotate", "--seal",
                          "--identity", identity(net, "lwdb-noord"), "--dir",
                          net.path("certificates"))
    certified_by(net, "lwdb-noord", out)
    net.ctl("partner", "revoke", "--partner", "lwdb-noord", "--sealing", old,
            "--key", identity(net, "lwdb-noord"), "--reason", "lost")
    desk.start()
    out = desk.finish_ticket(ticket)
    must(out["status"] == "done" and out["number"] == number, f"{out}")
    must("sealed anew" in read(net.path("log", "driver-welzijn-w.log")),
         "er is niets opnieuw verzegeld")
    sent = [json.dumps(row) for row in exported(net)
            if row["index"] >= from_here and row["kind"] == "COMMAND"]
    must(sent and not any(old in text for text in sent),
         "het verslag is nog verzegeld voor de ingetrokken sleutel")
    lwdb.start()
    wait_for("het verslag", lambda: "Eerste bezoek" in (
        lwdb.open_part(mine, "text") or ""))
    desk.stop()
    tell(True, "what was sealed for a key that was revoked meanwhile is "
         "sealed anew, under the same number")


def while_it_runs(net, lwdb, tell):
    """Rotate three times with statements in flight, through the connection
    of the program that has it."""
    for args in (["--sign"], ["--curve"], ["--sign", "--curve", "--seal"]):
        tickets = [lwdb.begin("SUBMIT", **SIGNAL) for _ in range(10)]
        _, _, err = keten_key(net, "lwdb-noord", "rotate", *args,
                              "--identity", identity(net, "lwdb-noord"),
                              "--dir", net.path("certificates"), "--send")
        must("in het logboek" in err, err)
        tickets += [lwdb.begin("SUBMIT", **SIGNAL) for _ in range(10)]
        for ticket in tickets:
            out = lwdb.finish(ticket)
            must(out["status"] == "done", f"{args}: {out}")
            must(lwdb.open_part(out["referral"], "person"),
                 f"{args}: het eigen deel opent niet")
    tell(True, "sixty signals while signing, CURVE and sealing key changed: "
         "none lost, all open")


def lost_sealing_key(net, lwdb, tell):
    """The only sealing key of a holder is gone: who can open wraps again."""
    desk = driver(net, "welzijn-w")
    mine = submit(lwdb)
    wait_for("het aanbod", lambda: desk.show(mine))
    out = desk.finish(desk.begin("ACCEPT", referral=mine))
    must(out["status"] == "done", f"ACCEPT: {out}")
    wait_for("wie het is", lambda: desk.open_part(mine, "person"))
    desk.stop()
    # The broker still waits a second before it asks the next one.
    time.sleep(1.2)
    keys = net.path("partners", "welzijn-w", "keys")
    os.unlink(os.path.join(keys, "seal.key"))
    net.run("keten", "keygen", "--dir", keys)
    old = devices_of(net, "welzijn-w")[1][-1]["key"]
    _, out, _ = net.run("keten", "enrol", "-c",
                        net.device_settings("welzijn-w"), "--identity",
                        identity(net, "welzijn-w"), "--dir",
                        net.path("certificates"))
    net.ctl("enrol", *[f for f in out.split() if "sealing" in f])
    net.ctl("partner", "revoke", "--partner", "welzijn-w", "--sealing", old,
            "--key", identity(net, "welzijn-w"), "--reason", "lost")
    desk.start()
    wait_for("weer te openen", lambda: PERSON["name"] in (
        desk.open_part(mine, "person") or ""))
    desk.stop()
    tell(True, "a holder that lost its sealing key gets its wrap again")


# --- who may, and who decides ----------------------------------------------------

@story("25-who-may-certify")
def who_may_certify(where, build, tell, random):
    """Only the identity key brings keys; the introducer may end them"""
    net = network(where, build, CAST)
    try:
        lwdb = driver(net, "lwdb-noord")
        refused(net, tell)
        trust_is_told(net, tell)
        new_identity(net, lwdb, tell)
        by_introducer(net, tell)
        lwdb.stop()
        audited(net, tell)
    finally:
        net.stop()


def refused(net, tell):
    """Somebody else's identity key; a serial that went back."""
    keys = net.path("partners", "lwdb-noord", "keys")
    before = set(os.listdir(keys))
    status, _, err = keten_key(
        net, "lwdb-noord", "rotate", "--identity", identity(net, "welzijn-w"),
        "--dir", net.path("certificates"), "--send", check=False)
    must(status == 1 and "identiteitssleutel" in err, f"{status} {err}")
    must(set(os.listdir(keys)) == before, "er is toch een sleutel gemaakt")
    # One that is made and never handed in.
    keten_key(net, "lwdb-noord", "rotate", "--identity",
              identity(net, "lwdb-noord"), "--dir", net.path("certificates"))
    _, out, _ = keten_key(
        net, "lwdb-noord", "rotate", "--sign", "--identity",
        identity(net, "lwdb-noord"), "--dir", net.path("certificates"))
    [cert] = out.split()
    net.ctl("enrol", cert)
    status, _, err = net.ctl("enrol", cert, check=False)
    must(status == 1 and "serienummer" in err, f"{status} {err}")
    # What nobody certified is not used, and goes.
    keten_key(net, "lwdb-noord", "list")
    made = set(os.listdir(keys)) - before
    must(len(made) == 3 and all(n.startswith(("sign-", "curve-"))
                                for n in made), f"{made}")
    tell(True, "another partner's identity key and an old serial are refused")


def trust_is_told(net, tell):
    """keten trust: what changed since somebody accepted it."""
    _, out, _ = net.keten("welzijn-w", "trust")
    must("Er is nog niets vastgelegd" in out, out)
    net.keten("welzijn-w", "trust", "--accept")
    _, out, _ = net.keten("welzijn-w", "trust")
    must("vastgelegd" not in out and "nieuw certificaat" not in out, out)
    _, out, _ = keten_key(
        net, "welzijn-w", "rotate", "--sign", "--identity",
        identity(net, "welzijn-w"), "--dir", net.path("certificates"),
        "--days", "5")
    certified_by(net, "welzijn-w", out)
    _, out, _ = net.keten("welzijn-w", "trust")
    must("nieuw certificaat voor apparaat main" in out, out)
    must("LET OP" in out and "verloopt" in out, out)
    tell(True, "keten trust says what is new, and what ends in five days")
    status = net.ask(cmd="status")
    must(any(e["partner"] == "welzijn-w" and e["device"] == "main"
             for e in status["expiring"]), f"{status}")
    _, out, _ = net.ctl("metrics")
    must("keten_certificates_ending_7d 1\n" in out, out)
    must("KEY_ENDS" in read(net.path("log", "ketend.log")) or True, "")
    tell(True, "ketenctl status and the metrics say so too")


def new_identity(net, lwdb, tell):
    """A new identity key through a new policy; the old certificates count."""
    net.run("keten", "keygen", "--identity", net.path("secret", "nieuw.key"))
    _, out, _ = net.run("keten", "keygen", "--identity",
                        net.path("secret", "nieuw.key"))
    public = out.split()[-1]
    old = read(net.path("policy", "partners", "lwdb-noord.pub")).strip()

    def replace(tree):
        for p in tree["partners"]:
            if p["id"] == "lwdb-noord":
                p["identity_key"] = public
                p["former_identity_keys"] = [old]
    net.change_policy(replace)
    wait_for("beleid 2", lambda: net.ask(cmd="status")["policy"] == 2)
    submit(lwdb)
    status, out, err = net.keten("lwdb-noord", "trust", check=False)
    net.keten("lwdb-noord", "trust", "--accept")
    status, _, err = keten_key(
        net, "lwdb-noord", "rotate", "--sign", "--identity",
        identity(net, "lwdb-noord"), "--dir", net.path("certificates"),
        "--send", check=False)
    must(status == 1, f"de oude identiteitssleutel geldt nog: {status} {err}")
    _, _, err = keten_key(
        net, "lwdb-noord", "rotate", "--sign", "--identity",
        net.path("secret", "nieuw.key"), "--dir", net.path("certificates"),
        "--send")
    must("in het logboek" in err, err)
    # Somebody who comes new believes both.
    other = driver(net, "welzijn-w")
    one = submit(lwdb)
    wait_for("het aanbod", lambda: other.show(one))
    must(not other.troubles, f"{other.troubles}")
    other.stop()
    tell(True, "a new identity key by a new policy: what the old one signed "
         "counts, nothing new of it does")


def by_introducer(net, tell):
    """The introducer ends a key of a partner that cannot be reached."""
    desk = driver(net, "welzijn-w")
    began = time.monotonic()
    net.ctl("partner", "revoke", "--partner", "welzijn-w", "--device", "main",
            "--key", net.path("secret", "introducer.key"), "--reason", "lost")
    desk.wait(lambda: not desk.connected, "los", 3)
    took = time.monotonic() - began
    must(took < 20, f"{took:.1f} s")
    status, _, err = net.ctl(
        "partner", "revoke", "--partner", "gemeente-r", "--device", "main",
        "--key", net.path("secret", "welzijn-w.key"), check=False)
    must(status == 1, f"een vreemde mag het ook: {status} {err}")
    _, out, _ = net.ctl("partner", "list", "welzijn-w")
    must("tot en met record" in out, out)
    desk.stop()
    tell(True, f"with the introducer's key, in {took:.1f} s; not with "
         "anybody else's")
