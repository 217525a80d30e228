"""Test vectors of places and of time: CBS areas, working days, deadlines."""

import datetime

from trust import need


# --- areas.json --------------------------------------------------------------

KINDS = {"GM": (4, 0), "WK": (4, 2), "BU": (4, 4)}


def is_area(code):
    digits, letters = KINDS.get(code[:2], (0, 0))
    rest = code[2:]
    return (digits > 0 and len(rest) == digits + letters
            and all(c in "0123456789" for c in rest[:digits])
            and all(c in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                    for c in rest[digits:]))


def make_areas(_):
    codes = ["GM0855", "WK085501", "BU08550101", "WK0855AA", "BU0855AB0C",
             "", "GM855", "gm0855", "GM08555", "WK08550", "BU085501",
             "XX0855", "GM085A", "WK0855 1", "BU0855010a", "WK08A501"]
    pairs = [("GM0855", "GM0855"), ("GM0855", "WK085501"),
             ("GM0855", "BU08550101"), ("WK085501", "BU08550101"),
             ("WK085501", "GM0855"), ("WK085502", "BU08550101"),
             ("GM0856", "WK085501"), ("BU08550101", "BU08550102")]
    return {"codes": [{"code": c, "valid": is_area(c)} for c in codes],
            "contains": [{"outer": o, "inner": i,
                          "contains": i[2:].startswith(o[2:])}
                         for o, i in pairs]}


def check_areas(_, v):
    for row in v["codes"]:
        need(is_area(row["code"]) == row["valid"], row["code"])
    for row in v["contains"]:
        need(row["inner"][2:].startswith(row["outer"][2:])
             == row["contains"], f"{row}")
    return len(v["codes"]) + len(v["contains"])


# --- calendar.json -----------------------------------------------------------

MINUTE = datetime.timedelta(minutes=1)
HOUR = datetime.timedelta(hours=1)
EPOCH = datetime.datetime(1970, 1, 1)


def last_sunday(year, month):
    """01:00 UTC on the last Sunday of a month of 31 days."""
    day = datetime.datetime(year, month, 31, 1)
    return day - datetime.timedelta(days=(day.weekday() + 1) % 7)


def to_local(utc):
    """The clock of Amsterdam; times carry no zone here."""
    summer = last_sunday(utc.year, 3) <= utc < last_sunday(utc.year, 10)
    return utc + (2 * HOUR if summer else HOUR)


def to_utc(local):
    at = local - HOUR
    return at if to_local(at) == local else local - 2 * HOUR


def easter(year):
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return datetime.date(year, month, day + 1)


def holidays(year):
    sunday = easter(year)
    king = datetime.date(year, 4, 27)
    if king.weekday() == 6:
        king -= datetime.timedelta(days=1)
    days = {datetime.date(year, 1, 1), king, datetime.date(year, 12, 25),
            datetime.date(year, 12, 26)}
    days |= {sunday + datetime.timedelta(days=n) for n in (0, 1, 39, 49, 50)}
    return days | ({datetime.date(year, 5, 5)} if year % 5 == 0 else set())


def is_work(at):
    """Is the minute that begins at this local time working time?"""
    return (at.weekday() < 5 and at.date() not in holidays(at.year)
            and 8 * 60 + 30 <= at.hour * 60 + at.minute < 17 * 60)


def deadline(start, unit, n):
    """The first instant (UTC) at which so much has elapsed since ${start},
    minute by minute."""
    if unit == "calendar":                              # the same local time
        return to_utc(to_local(start) + datetime.timedelta(days=n))
    at = start
    while n > 0:
        if unit == "clock" or is_work(to_local(at)):
            n -= 1
        at += MINUTE
    return at


def ms(at):
    return (at - EPOCH) // datetime.timedelta(milliseconds=1)


def make_calendar(_):
    rows = []
    for text, unit, n in (
            ("2026-11-20T16:30", "work", 510),
            ("2026-11-21T12:00", "work", 510),
            ("2026-11-20T16:30", "work", 240),
            ("2026-11-23T08:30", "work", 510),
            ("2026-11-23T17:00", "work", 1),
            ("2026-04-24T16:00", "work", 1020),
            ("2026-04-02T09:00", "work", 1020),
            ("2026-12-24T16:00", "work", 2550),
            ("2025-05-02T12:00", "work", 510),
            ("2026-05-04T12:00", "work", 510),
            ("2026-05-13T12:00", "work", 510),
            ("2026-03-27T16:30", "work", 60),
            ("2026-10-23T16:30", "work", 60),
            ("2026-03-28T12:00", "clock", 1440),
            ("2026-10-24T12:00", "clock", 1440),
            ("2026-11-20T16:30", "clock", 30),
            ("2026-03-28T12:00", "calendar", 1),
            ("2026-10-24T12:00", "calendar", 14),
            ("2027-04-26T10:00", "work", 1020)):
        start = to_utc(datetime.datetime.fromisoformat(text))
        end = deadline(start, unit, n)
        rows.append({"start": text, "start_ms": ms(start), "unit": unit,
                     "n": n, "deadline": to_local(end).isoformat()[:16],
                     "deadline_ms": ms(end)})
    days = sorted(d.isoformat() for y in (2025, 2026, 2027, 2038)
                  for d in holidays(y))
    return {"deadlines": rows, "holidays": days}


def check_calendar(_, v):
    for row in v["deadlines"]:
        start = EPOCH + datetime.timedelta(milliseconds=row["start_ms"])
        need(ms(deadline(start, row["unit"], row["n"]))
             == row["deadline_ms"], f"{row}")
    for day in v["holidays"]:
        day = datetime.date.fromisoformat(day)
        need(day in holidays(day.year), f"{day}")
    return len(v["deadlines"])
