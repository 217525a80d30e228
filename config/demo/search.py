"""Is a name anywhere in these files?  Raw, and in the usual disguises.

A broker that cannot read who it is about must not have the name in its store,
its logs or the journal, however it is written down.  The search is only worth
something if it can find: look for the same marker where it must be, too.
"""

import base64
import json
import os
import subprocess
import urllib.parse


def _base64_middle(raw):
    """What every base64 text that holds ${raw} holds, at each alignment."""
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + raw)
        head = (0, 2, 3)[shift]           # characters that the prefix touches
        tail = (0, 3, 2)[(shift + len(raw)) % 3]    # and those at the end
        middle = text[head:len(text) - tail if tail else None]
        yield f"base64+{shift}", middle
        yield f"base64url+{shift}", middle.replace(b"+", b"-").replace(
            b"/", b"_")


def forms(marker):
    """{how it is written: bytes} of every form that is looked for."""
    raw = marker.encode()
    found = {
        "utf-8": raw,
        "upper case": marker.upper().encode(),
        "lower case": marker.lower().encode(),
        "utf-16le": marker.encode("utf-16-le"),
        "utf-16be": marker.encode("utf-16-be"),
        "json": json.dumps(marker)[1:-1].encode(),
        "json, every character": "".join(
            f"\\u{ord(c):04x}" for c in marker).encode(),
        "url": urllib.parse.quote(marker).encode(),
        "url, plus": urllib.parse.quote_plus(marker).encode(),
        "hexadecimal": raw.hex().encode(),
        "HEXADECIMAL": raw.hex().upper().encode(),
    }
    found.update(_base64_middle(raw))
    return found


def files(*roots):
    """Every plain file under the roots."""
    for root in roots:
        if os.path.isfile(root):
            yield root
        for folder, _, names in os.walk(root):
            for name in names:
                path = os.path.join(folder, name)
                if os.path.isfile(path) and not os.path.islink(path):
                    yield path


def contents(path):
    """Its bytes; none of a file that went while we were looking."""
    try:
        with open(path, "rb") as f:
            return f.read()
    except FileNotFoundError:
        return b""


def search(marker, *roots):
    """[(file, form)] of every hit; also how many files were looked at."""
    wanted = forms(marker)
    hits = []
    looked = 0
    for path in files(*roots):
        looked += 1
        data = contents(path)
        hits += [(path, form) for form, raw in wanted.items() if raw in data]
    return hits, looked


def journal(marker, pids):
    """The same in what systemd's journal has of these processes, if any."""
    try:
        text = subprocess.run(
            ["journalctl", "-o", "export", "--no-pager"]
            + [f"_PID={pid}" for pid in pids], capture_output=True,
            timeout=20, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return []
    return [("journal", form) for form, raw in forms(marker).items()
            if raw in text]
