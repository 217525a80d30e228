#!/usr/bin/python3
"""A slow reference for reports, independent of the code it is compared with.

It reads what `keten-audit export --format jsonl` says of every record, from
the first on, and counts in dictionaries.  Working hours come from Python's own
time zones and a list of holidays.  Nothing is shared with the C code but what
schemas/PROTOCOL.md says in section 28.

    figures.py BUILD STORE 2026-10      compare keten-audit report with it
"""

import json
import subprocess
import sys
import time
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
HANDOVER = 255
COUNTED_APART = "UIT-09"
FAMILIES = ("declined", "accepted", "passed", "returned", "outcome", "units",
            "failed", "unoffered", "missing", "taken_median", "taken_p90",
            "done_median", "done_p90")


# --- time ---------------------------------------------------------------------------

def month_range(period):
    year, month = map(int, period.split("-"))
    after = (year, month + 1) if month < 12 else (year + 1, 1)
    return [int(datetime(y, m, 1, tzinfo=AMSTERDAM).timestamp() * 1000)
            for y, m in ((year, month), after)]


def easter(year):
    """The anonymous Gregorian computus."""
    a, b, c = year % 19, year // 100, year % 100
    d = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    e = (32 + 2 * (b % 4) + 2 * (c // 4) - d - c % 4) % 7
    f = d + e - 7 * ((a + 11 * d + 22 * e) // 451) + 114
    return date(year, f // 31, f % 31 + 1)


def holidays(year):
    day = easter(year)
    king = date(year, 4, 27)
    out = {date(year, 1, 1), date(year, 12, 25), date(year, 12, 26),
           day, day + timedelta(1), day + timedelta(39), day + timedelta(49),
           day + timedelta(50),
           king if king.weekday() != 6 else date(year, 4, 26)}
    if year % 5 == 0:
        out.add(date(year, 5, 5))
    return out


def work_hours(from_ms, to_ms):
    """Working time between two instants, in whole hours, half up."""
    total = 0
    day = datetime.fromtimestamp(from_ms / 1000, AMSTERDAM).date()
    last = datetime.fromtimestamp(to_ms / 1000, AMSTERDAM).date()
    while day <= last:
        if day.weekday() < 5 and day not in holidays(day.year):
            begin, end = (int(datetime(day.year, day.month, day.day, h, m,
                                       tzinfo=AMSTERDAM).timestamp() * 1000)
                          for h, m in ((8, 30), (17, 0)))
            total += max(0, min(end, to_ms) - max(begin, from_ms))
        day += timedelta(1)
    return (total + 1800000) // 3600000


# --- counting ------------------------------------------------------------------------

class Reference:
    """Everything that happened in one month, as it was."""

    def __init__(self, period):
        self.since, self.until = month_range(period)
        self.about = {}
        self.offers = {}
        self.groups = {}
        self.counts = {}
        self.unit_refs = {}
        self.said = {}          # the same, by who said it
        self.leads = {}

    def place(self, referral):
        code, area, _ = self.about[referral]
        if area.startswith("BU"):
            area = "WK" + area[2:8]
        return area, self.groups.get(code, code)

    def add(self, referral, family, key, n=1):
        where = self.place(referral) + (family, key)
        self.counts[where] = self.counts.get(where, 0) + n
        if family == "units":
            self.unit_refs[where] = self.unit_refs.get(where, 0) + 1

    def step(self, r, c, s, now):
        facts, route = r["facts"], r.get("route", {})
        who = route.get("sender", {}).get("partner", "")
        ref, after = c["referral"], c.get("after", {})
        event, row = s["event"], s.get("row", 0)
        if event == "SUBMIT":
            h = facts.get("header", {})
            if h.get("units") and h.get("payer"):
                self.add(ref, "units", h["payer"], h["units"])
            skips = {k["reason"] for k in route.get("skips", [])}
            if after.get("state") == "ESCALATED" and not route.get("never") \
                    and skips - {"ORIGINATOR"}:
                self.add(ref, "unoffered", "")
        elif event == "ACCEPT" and row == 4:
            self.add(ref, "accepted", who)
        elif event == "DECLINE":
            self.add(ref, "declined", s.get("reason", ""))
            if row == 5:
                self.add(ref, "passed", who)
        elif event == "RETURN":
            self.add(ref, "returned", who)
        elif event == "FAIL":
            self.add(ref, "failed", s.get("reason", ""))
        elif event == "COMPLETE":
            self.complete(ref, after, now)

    def complete(self, ref, after, now):
        self.add(ref, "outcome", after["outcome"])
        if after["outcome"] == COUNTED_APART:
            return
        began = self.about[ref][2]
        taken = after.get("accepted_ms", 0) or now
        lead = self.leads.setdefault(self.place(ref), ([], []))
        lead[0].append(work_hours(began, taken))
        lead[1].append(work_hours(began, now))

    def take(self, r):
        facts = r.get("facts")
        if facts is None or r["time_ms"] >= self.until:
            return
        if r["kind"] == "POLICY":
            self.groups = {c["code"]: c["group"]
                           for c in r["envelope"]["body"]["codes"]}
        for ch in r.get("route", {}).get("changes", []):
            for o in ch.get("offers", []):
                self.offers[ch["referral"], o["number"]] = o["to"]
        changes = facts.get("children", [])
        if "change" in facts:
            c = facts["change"]
            changes = [c] + changes
            if not c.get("version_before") and "header" in facts:
                h = facts["header"]
                self.about[c["referral"]] = (h["code"], h["area"],
                                             r["time_ms"])
        if r["time_ms"] < self.since:
            return
        for m in facts.get("missing", {}) and [facts["missing"]]:
            where = (m["area"], self.groups.get(m["code"], m["code"]),
                     "missing", m["code"])
            said = self.said.setdefault(where, {})
            said[m["partner"]] = said.get(m["partner"], 0) + 1
        for c in changes:
            for s in c.get("steps", []):
                self.step(r, c, s, r["time_ms"])
            for o in c.get("offers", []):
                if o["state"] == "OFFER_LAPSED" and \
                        o.get("rung", 0) != HANDOVER:
                    self.add(c["referral"], "passed",
                             self.offers[c["referral"], o["number"]])

    # --- what may be seen of it ---

    def lines(self):
        cells = {}
        proven = {}
        # Of what anybody may say as often as it likes each is rounded alone.
        for where, said in self.said.items():
            shown = sum((n + 2) // 5 * 5 for n in said.values())
            if shown:
                cells[where] = shown
        for where, n in self.counts.items():
            area, group, family, key = where
            shown = (n + 2) // 5 * 5
            if family == "units" and self.unit_refs[where] < 5:
                shown = 0
            if shown == 0:
                continue
            cells[where] = shown
            if family == "outcome" and key != COUNTED_APART:
                at = (area, group)
                proven[at] = proven.get(at, 0) + shown - 2
        for at, lists in self.leads.items():
            if proven.get(at, 0) < 5:
                continue
            for name, hours in zip(("taken", "done"), lists):
                hours.sort()
                n = len(hours)
                cells[at + (name + "_median", "")] = hours[(n + 1) // 2 - 1]
                cells[at + (name + "_p90", "")] = hours[-(-9 * n // 10) - 1]
        order = sorted(cells, key=lambda w: (w[0], w[1],
                                             FAMILIES.index(w[2]), w[3]))
        return [{"area": a, "group": g, "figure": f, "key": k,
                 "n": cells[a, g, f, k]} for a, g, f, k in order]


def export(audit, store, *more):
    """Every record as keten-audit exports it, one at a time."""
    with subprocess.Popen([audit, "export", "--store", store, "--format",
                           "jsonl", *more], stdout=subprocess.PIPE,
                          text=True) as child:
        for line in child.stdout:
            yield json.loads(line)


def expected(audit, store, period):
    ref = Reference(period)
    for r in export(audit, store):
        ref.take(r)
    return ref


def published(text):
    """The cells of a report in lines of JSON: without head and tail."""
    lines = [json.loads(line) for line in text.splitlines()]
    return [x for x in lines if "figure" in x]


def main():
    audit, store, period = sys.argv[1] + "/keten-audit", *sys.argv[2:4]
    began = time.monotonic()
    report = subprocess.run([audit, "report", "--store", store, "--json",
                             "figures", period], capture_output=True,
                            text=True, check=True)
    took = time.monotonic() - began
    is_ = published(report.stdout)
    should = expected(audit, store, period).lines()
    if is_ != should:
        for a, b in zip(is_ + [None] * len(should), should + [None]):
            if a != b:
                print("is", a, "should be", b)
                break
        sys.exit(f"{period}: {len(is_)} cells, expected {len(should)}")
    print(json.dumps({"period": period, "cells": len(is_),
                      "report_s": round(took, 2),
                      "reference_s": round(time.monotonic() - began - took,
                                           1)}))


if __name__ == "__main__":
    main()
