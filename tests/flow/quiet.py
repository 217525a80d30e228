"""When nothing is under way any more.

Programs act too: they make wraps for who may open something now, report what
they cannot open, and confirm what they erased, each in its own time.  Such a
step can change what a person sees, and with it the version that the person's
next step names.  So before the clock of a story goes on, and when it is where
it should be, everything that programs have to do has to be done; else chance
decides on which side of a deadline it falls.
"""

import time

from hands import Driver
from network import Trouble, wait_for

PATIENCE = 60.0


def clock_goes_on(story, to_ms):
    """Move the clock of a story, between two moments of quiet."""
    settle(story)
    story.net.set_clock(to_ms)
    clock_arrives(story, to_ms)


def clock_arrives(story, to_ms):
    """Wait until the broker has walked to where its clock was sent.  A year
    is a long walk on a busy machine: it may take as long as it goes on."""
    at, end = None, time.monotonic() + PATIENCE
    while True:
        status = story.net.ask(cmd="clock")
        if status["time_ms"] >= to_ms and not status["walking"]:
            break
        if status["time_ms"] != at:
            at, end = status["time_ms"], time.monotonic() + PATIENCE
        if time.monotonic() > end:
            raise Trouble(f"de klok van de makelaar staat stil: {status}")
        time.sleep(0.02)
    settle(story)


def settle(story):
    """Wait until whoever is there has nothing more to do by itself."""
    found = {}

    def look():
        found["mail"] = mailboxes(story)
        arrived(story, found["mail"])
        drivers_done(story)
        found["wraps"] = story.net.ask(cmd="status")["asked_wraps"]
        return found["wraps"] == 0 and mailboxes(story) == found["mail"] \
            and confirmed(story)
    try:
        wait_for("", look, PATIENCE, 0.02)
    except Trouble:
        raise Trouble(f"na {PATIENCE:.0f} s is het nog niet stil: "
                      f"{found}") from None


def mailboxes(story):
    """{partner: the newest in its mailbox}"""
    return {q["partner"]: q["last"] for q in story.net.ask(cmd="queue")
            if q["mailbox"] == "main"}


def drivers(story):
    return [h for h in story.hands.values() if isinstance(h, Driver)
            and h.child is not None]


def arrived(story, last):
    """Everybody who is there has what lies in its mailbox, credit or not."""
    for hand in drivers(story):
        wait_for(f"{hand.partner} heeft alles", lambda h=hand:
                 h.call("link")["last_seq"] >= last[h.partner], PATIENCE)
    others = {h.partner for h in story.hands.values()
              if not isinstance(h, Driver)}

    def acknowledged():
        return not any(q["waiting"] for q in story.net.ask(cmd="queue")
                       if q["mailbox"] == "main" and q["connected"]
                       and q["partner"] in others)
    if others:
        wait_for("de programma's hebben alles", acknowledged, PATIENCE, 0.05)


def drivers_done(story):
    """What a driver was asked before the first question, it has dealt with
    before the second; what it said by then, the broker has before the
    answer."""
    for _ in range(2):
        for hand in drivers(story):
            hand.sync()


def confirmed(story):
    """Nobody who is there still has to confirm that it erased something."""
    here = {q["partner"] for q in story.net.ask(cmd="queue")
            if q["connected"]}
    return not any(row["partner"] in here
                   for row in story.net.ask(cmd="erase status"))
