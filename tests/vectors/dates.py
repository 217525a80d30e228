#!/usr/bin/python3
"""Make dates.txt: instants whose answers are known from somewhere else.

    tests/vectors/dates.py > tests/vectors/dates.txt

None of this is Keten's code, or made after it.  Easter is python-dateutil's
(Oudin's method), the clock of Amsterdam the tz database by zoneinfo, and a
deadline is found by walking minute after minute over the clock and counting
those in which one works.  Slow, and too simple to be wrong in the same way.

    holiday DATE NAME     a public holiday
    workday DATE          a day beside one, or on which it is not one
    term START SPAN END   SPAN elapses at END; both local, with offset

SPAN is 510w (working minutes), 1440c (minutes of the clock) or 28d (days of
the calendar, to the same local time; one that is skipped in spring is the
instant of the change, one that comes twice is the first).
"""

import datetime as dt
from zoneinfo import ZoneInfo

from dateutil.easter import easter

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
UTC = dt.timezone.utc
DAY = dt.timedelta(days=1)
MINUTE = dt.timedelta(minutes=1)
OPEN, SHUT = dt.time(8, 30), dt.time(17, 0)


def holidays(year):
    """Public holidays of the Netherlands by law and collective agreement."""
    e = easter(year)
    kings = dt.date(year, 4, 27)
    if kings.isoweekday() == 7:
        kings -= DAY
    out = {dt.date(year, 1, 1): "nieuwjaar", e: "pasen", e + DAY: "2e-pasen",
           kings: "koningsdag", e + 39 * DAY: "hemelvaart",
           e + 49 * DAY: "pinksteren", e + 50 * DAY: "2e-pinksteren",
           dt.date(year, 12, 25): "kerst", dt.date(year, 12, 26): "2e-kerst"}
    if year % 5 == 0:
        out[dt.date(year, 5, 5)] = "bevrijdingsdag"
    return out


def is_work(day):
    return day.isoweekday() <= 5 and day not in holidays(day.year)


def deadline(start, n, unit):
    """${start} is aware; so is what comes back."""
    if unit == "c":
        return (start.astimezone(UTC) + n * MINUTE).astimezone(AMSTERDAM)
    if unit == "d":
        local = start.replace(tzinfo=None) + n * DAY
        there = local.replace(tzinfo=AMSTERDAM, fold=0)
        back = there.astimezone(UTC).astimezone(AMSTERDAM)
        if back.replace(tzinfo=None) != local:      # skipped in spring
            return change_after(there.date())
        return there
    at = start.astimezone(UTC)
    while n > 0:
        here = at.astimezone(AMSTERDAM)
        n -= is_work(here.date()) and OPEN <= here.time() < SHUT
        at += MINUTE
    return at.astimezone(AMSTERDAM)


def change_after(day):
    """The first instant of summer time on ${day}."""
    at = dt.datetime(day.year, day.month, day.day, tzinfo=AMSTERDAM)
    at = at.astimezone(UTC)
    while at.astimezone(AMSTERDAM).utcoffset() != 2 * dt.timedelta(hours=1):
        at += MINUTE
    return at.astimezone(AMSTERDAM)


def local(text, fold=0):
    return dt.datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM,
                                                   fold=fold)


def show(at):
    return at.isoformat(timespec="minutes")


def sundays(year):
    """The two nights in which the clock changes."""
    out = []
    for month in (3, 10):
        day = dt.date(year, month, 31)
        while day.isoweekday() != 7:
            day -= DAY
        out.append(day)
    return out


def starts():
    """Moments at which something is near: a holiday, a change, a year."""
    spans = [(510, "w"), (240, "w"), (1020, "w"), (30, "c"), (2550, "w")]
    i = 0
    for year in range(2025, 2033):
        for day in sorted(holidays(year)):
            before = day - DAY
            for text in (f"{before} 16:30", f"{day} 10:00"):
                yield local(text), *spans[i % len(spans)]
                i += 1
        for day in sundays(year):
            for hour, n, unit in (("01:30", 120, "c"), ("12:00", 510, "w"),
                                  ("02:00", 1440, "c")):
                yield local(f"{day - DAY} {hour}"), n, unit
            # Over the change itself, and from the hour that comes twice.
            yield local(f"{day} 01:30"), 120, "c"
            yield local(f"{day} 00:15"), 30 * 60, "c"
            if day.month == 10:
                yield local(f"{day} 02:30", fold=1), 60, "c"
                yield local(f"{day} 02:30", fold=0), 60, "c"
            # A review date: weeks later, at the same time by the clock.
            yield local(f"{day - 28 * DAY} 09:15"), 28, "d"
            yield local(f"{day - 91 * DAY} 02:30"), 91, "d"
            yield local(f"{day - 14 * DAY} 23:59"), 14, "d"
        yield local(f"{year}-12-24 16:59"), 1, "w"
        yield local(f"{year}-12-31 16:45"), 30, "w"
        yield local(f"{year}-02-27 17:00"), 1, "d"


def main():
    print("# Made by dates.py, which says how; not by Keten.")
    for year in range(2025, 2041):
        days = holidays(year)
        for day in sorted(days):
            print("holiday", day, days[day])
        for day in sorted(days):
            for near in (day - DAY, day + DAY):
                if is_work(near):
                    print("workday", near)
        if year % 5 != 0 and is_work(dt.date(year, 5, 5)):
            print("workday", dt.date(year, 5, 5))
    seen = set()
    for start, n, unit in starts():
        line = f"term {show(start)} {n}{unit} " \
            f"{show(deadline(start, n, unit))}"
        if line not in seen:
            print(line)
        seen.add(line)


if __name__ == "__main__":
    main()
