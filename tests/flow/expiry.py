"""Stories about certificates that end: by their date, and by a revocation."""

import datetime
import json
import re
import time

from keys import certified_by, exported, identity, keten_key, said_by, \
    second_device
from more import audited, driver, must, network, read, story, submit
from network import wait_for

CAST = ["lwdb-noord", "welzijn-w", "gemeente-r"]
DAY = 24 * 3600 * 1000


# --- a certificate that ends ---------------------------------------------------

def rotate(net, what, days):
    _, out, _ = keten_key(net, "lwdb-noord", "rotate", what, "--identity",
                          identity(net, "lwdb-noord"), "--dir",
                          net.path("certificates"), "--days", str(days))
    certified_by(net, "lwdb-noord", out)


def ends_said(net):
    """The lines about it in the broker's log."""
    return [line for line in read(net.path("log", "ketend.log")).splitlines()
            if " KEY_ENDS " in line and "lwdb-noord" in line]


def told(hand):
    """What the partner's own program was told about its keys."""
    return [n["text"] for n in hand.news
            if n.get("text", "").startswith("SLEUTELS")]


def broker_says(net, n_days, device, days):
    """Both certificates, in ketenctl status, the metrics and the log."""
    wait_for(f"KEY_ENDS {days}", lambda: sum(
        f"within {days} days" in line for line in ends_said(net)) == 2, 30)
    rows = [e for e in net.ask(cmd="status")["expiring"]
            if e["partner"] == "lwdb-noord"]
    must(len(rows) == 2 and any(e.get("device") == device for e in rows),
         f"{rows}")
    _, out, _ = net.ctl("metrics")
    must(re.search(rf"^keten_certificates_ending_{n_days} 2$", out, re.M),
         out)


def moved(net, hand, ms):
    """To a moment; the partner's program starts, as after a weekend."""
    hand.stop()
    net.set_clock(ms)
    wait_for("de klok", lambda: net.ask(cmd="status")["time_ms"] >= ms
             and not net.ask(cmd="status")["walking"], 60)


@story("52-a-certificate-ends")
def certificate_ends(where, build, tell, random):
    """Both sides are warned 30, 7 and 1 days before; then it is not let in"""
    start = int(time.time() * 1000)   # of which a certificate counts its days
    net = network(where, build, CAST, clock_ms=start)
    try:
        lwdb = driver(net, "lwdb-noord")
        submit(lwdb)
        lwdb.stop()
        rotate(net, "--sign", 40)
        rotate(net, "--seal", 40)
        ends = {row["not_after_ms"] for row in certificates(net)}
        must(len(ends) <= 2, f"{ends}")
        end = min(ends)
        lwdb.start()
        must(not told(lwdb) and not ends_said(net), "te vroeg gewaarschuwd")
        tell(True, "forty days before nobody is bothered")
        for days, name in ((30, "30d"), (7, "7d"), (1, "1d")):
            moved(net, lwdb, end - days * DAY + 2 * 3600 * 1000)
            broker_says(net, name, "main", days)
            lwdb.start()
            want = f"over hoogstens {days} da"
            wait_for(want, lambda: sum(want in t for t in told(lwdb)) == 2,
                     30)
            must(any("dit apparaat" in t for t in told(lwdb)) and
                 any("de zegelsleutel" in t for t in told(lwdb)),
                 f"{told(lwdb)}")
            tell(True, f"{days} days before: the log, status and metrics of "
                 "the broker, and a message for the partner, about both")
        submit(lwdb)
        tell(True, "until the last day it works")
        the_day(net, lwdb, end, tell)
        lwdb.stop()
        audited(net, tell)
    finally:
        net.stop()


def certificates(net):
    _, out, _ = keten_key(net, "lwdb-noord", "list", "--json")
    rows = [json.loads(line) for line in out.splitlines()]
    return [r for r in rows if r["used"] and not r["ended"]]


def the_day(net, lwdb, end, tell):
    """It is over: not let in; then rotate."""
    moved(net, lwdb, end + 2 * DAY)
    wait_for("KEY_ENDS 0", lambda: sum(
        "has ended" in line for line in ends_said(net)) == 2, 30)
    _, out, _ = net.ctl("metrics")
    must("keten_certificates_ended 2\n" in out
         or "keten_certificates_expired 2\n" in out, out)
    lwdb.start(connect=False)
    time.sleep(2)
    must(not lwdb.connected, "met een verlopen certificaat verbonden")
    tell(True, "on the day the broker lets it in no more, and counts both")
    lwdb.stop()
    for what in ("--sign", "--seal"):
        rotate(net, what, 400)
    lwdb.start()
    submit(lwdb)
    tell(True, "new certificates, and work goes on")


# --- a device that is revoked while it sends ---------------------------------------

def instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")) \
        .timestamp() * 1000


def cut_ms(net, device):
    """When the broker ended the device's connection, by its own log."""
    for line in read(net.path("log", "ketend.log")).splitlines():
        if " DISCONNECT " in line and f"device={device}:" in line:
            return instant(line.split()[0])
    return None


@story("53-revoked-while-sending")
def revoked_while_sending(where, build, tell, random):
    """A connected device that keeps sending stops within a second"""
    def two_boxes(tree):
        for p in tree["partners"]:
            if p["id"] == "welzijn-w":
                p["mailboxes"] = ["main", "laptop"]
    net = network(where, build, CAST, patch=two_boxes)
    try:
        lwdb = driver(net, "lwdb-noord")
        laptop = driver(net, second_device(net, "welzijn-w", "laptop",
                                           "laptop"))
        mine = submit(lwdb)
        wait_for("het aanbod", lambda: laptop.show(mine))
        for step in ("ACCEPT", "START"):
            out = laptop.finish(laptop.begin(step, referral=mine))
            must(out["status"] == "done", f"{step}: {out}")
        orders = [laptop.begin("REPORT", referral=mine, text=f"Bezoek {i}.")
                  for i in range(200)]
        must(laptop.finish(orders[0])["status"] == "done", "het eerste")
        keten_key(net, "welzijn-w", "revoke", "--device", "laptop",
                  "--reason", "stolen", "--identity",
                  identity(net, "welzijn-w"), "--dir",
                  net.path("certificates"), "--send")
        for i in range(50):
            laptop.begin("REPORT", referral=mine, text=f"Nog {i}.")
        wait_for("los", lambda: cut_ms(net, "welzijn-w/laptop") is not None, 20)
        time.sleep(2)
        rows = exported(net)
        key = [r for r in rows if r["kind"] == "KEY"][-1]
        took = cut_ms(net, "welzijn-w/laptop") - key["time_ms"]
        must(-1 <= took < 10000, f"{took:.0f} ms")
        tell(True, f"its connection ended {took:.0f} ms after the KEY record")
        signed = list(said_by(rows, "welzijn-w", "laptop"))
        must(len(signed) > 2 and max(signed) < key["index"],
             f"na record {key['index']}: {signed[-3:]}")
        tell(True, f"{len(signed)} records of it before that, and none "
             "behind, though it kept sending")
        laptop.kill()
        lwdb.stop()
        audited(net, tell)
    finally:
        net.stop()
