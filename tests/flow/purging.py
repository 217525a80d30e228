"""Stories about erasing at a partner: in its storage and in its folder.

As in more.py each is a function (where, build, tell, random).
"""

import json
import os
import re
import time

import checks
import search
from more import driver, must, network, story, submit
from network import wait_for

CAST = ["lwdb-noord", "welzijn-w", "gemeente-r"]
KILLS = 8
WINDOW = 0.08       # when the adapter is killed, in seconds after the step


def traces(net, words):
    """Where something of it still stands at the partner, as far as can be
    read from outside."""
    hits = []
    for word in words:
        found, _ = search.search(
            word, net.folder("welzijn-w"),
            net.path("partners", "welzijn-w", "spool"))
        hits += found
    return hits


def confirmations(net):
    """How often each erasure was confirmed by this partner."""
    status, out, err = net.audit("export")
    must(status in checks.GOOD + (11,), f"export: {status} {err}")
    often = {}
    for row in map(json.loads, out.splitlines()):
        body = row.get("envelope", {}).get("body", {})
        if "erased" in body and body.get("partner") == "welzijn-w":
            index = body["erased"]["index"]
            often[index] = often.get(index, 0) + 1
    return often


def waits(net):
    return any(r["partner"] == "welzijn-w"
               for r in net.ask(cmd="erase status"))


@story("28-killed-while-purging")
def killed_while_purging(where, build, tell, random):
    """An adapter is killed while it erases: gone in the end, confirmed once"""
    net = network(where, build, CAST)
    try:
        lwdb = driver(net, "lwdb-noord")
        net.start_adapter("welzijn-w")
        words = []
        for n in range(KILLS):
            # No digits: nine of them may be somebody's number.
            word = "kenmerk-" + "".join(random.choices("bdfhkmrtvz", k=15))
            words.append(word)
            one = submit(lwdb, note=f"Gordijnen al dagen dicht, {word}.")
            wait_for("het bestand", lambda w=word: search.search(
                w, net.folder("welzijn-w"))[0])
            step = lwdb.begin("MARK_ERROR", referral=one, reason="RED-09")
            time.sleep(random.random() * WINDOW)
            net.kill_adapter("welzijn-w")
            net.start_adapter("welzijn-w")
            out = lwdb.finish(step)
            must(out["status"] == "done", f"MARK_ERROR: {out}")
        wait_for("alles is bevestigd", lambda: not waits(net))
        left = traces(net, words)
        must(not left, f"staat er nog: {left}")
        half = [f for f in os.listdir(net.folder("welzijn-w", ".keten"))
                if re.search(r"\.[A-Za-z0-9]{6}$", f)]
        must(not half, f"half geschreven: {half}")
        often = confirmations(net)
        must(len(often) == KILLS and set(often.values()) == {1}, f"{often}")
        tell(True, f"{KILLS} erasures, each with a kill: nothing is left and "
             "each is confirmed once")

        net.stop_adapter("welzijn-w")
        net.keten("welzijn-w", "sync")
        net.keten("welzijn-w", "sync", "--new-lane")
        net.keten("welzijn-w", "sync")
        net.start_adapter("welzijn-w")
        submit(lwdb)
        time.sleep(1)
        left = traces(net, words)
        must(not left, f"kwam terug: {left}")
        must(confirmations(net) == often, "nog eens bevestigd")
        tell(True, "asking for everything again brings nothing back")
        lwdb.stop()
        status, out, err = net.audit("verify")
        must(status == 11, f"verify: {status}\n{out}{err}")
        tell(True, "the log verifies, with lawful erasures")
    finally:
        net.stop()
