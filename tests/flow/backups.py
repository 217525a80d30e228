"""Backups while the broker works: told in Python, as it is about processes."""

import os
import shutil
import threading

import more
from more import story


@story("45-backup-while-erasing")
def while_erasing(where, build, tell, random):
    """Backups made while things are erased are whole, each of them"""
    net = more.network(where, build, ["lwdb-noord", "welzijn-w",
                                      "gemeente-r"])
    stop = threading.Event()
    done = []

    def erase_on():
        """Submit, and say it was a mistake: that is erased at once."""
        hand = more.driver(net, "lwdb-noord")
        while not stop.is_set():
            referral = more.submit(hand)
            out = hand.finish(hand.begin("MARK_ERROR", referral=referral,
                                         reason="RED-09"))
            done.append(out["status"])
        hand.stop()
    worker = threading.Thread(target=erase_on)
    worker.start()
    try:
        codes = []
        for n in range(6):
            top = net.path(f"kopie{n}")
            before = len(done)
            net.ctl("backup", top, "--vault", net.path(f"sleutels{n}"))
            copy = net.path(f"samen{n}")
            os.makedirs(copy)
            shutil.copy(os.path.join(top, "store", "data.mdb"), copy)
            shutil.copy(os.path.join(net.path(f"sleutels{n}"), "vault.keys"),
                        copy)
            status, out, err = net.run(
                "keten-audit", "verify", "--store", copy, "--vkey",
                net.path("policy", "log.vkey"), "--introducer",
                net.path("policy", "introducer.pub"), check=False)
            codes.append(status)
            more.must(status in (10, 11), f"kopie {n}: {status}\n{out}{err}")
            more.wait_for("er wordt gewist", lambda b=before: len(done) > b
                          or not worker.is_alive(), 20)
        more.must(11 in codes, f"er was niets gewist: {codes}")
        tell(True, f"six backups among {len(done)} erasures verify")
    finally:
        stop.set()
        worker.join(30)
    try:
        more.must(set(done) == {"done"}, f"{done}")
        more.audited(net, tell)
    finally:
        net.stop()
