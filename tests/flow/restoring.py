"""A backup, a disk that is lost, and how everybody goes on.

What the operator does, through ketenctl as an operator would; and what has to
be true at each step.
"""

import json
import os
import shutil

from checks import Wrong, sentence, until
from network import Trouble


def operator(story, rest):
    """The lines that begin with "operator"."""
    what = {
        "makes a backup": make,
        "loses the disk": lose,
        "puts the backup back": put_back,
        "accepts the log as it is": accept,
        "lets thuiszorg in": let_in,
        "revokes the key of zuid": revoke,
    }
    if rest not in what:
        raise Trouble(f"de beheerder kan niet: {rest}")
    what[rest](story)


def backup_of(story):
    return story.net.path("backup")


def let_in(story):
    """A partner that is certified after the backup was made ..."""
    story.net._device("thuiszorg-t")
    story.net.enrol(["thuiszorg-t"])


def revoke(story):
    """... and one whose device was there, and is stolen."""
    story.net.ctl("partner", "revoke", "--partner", "v-zuid", "--device",
                  "main", "--key",
                  story.net.path("secret", "introducer.key"))


@sentence(r"thuiszorg counts, and zuid does not")
def keys_are_back(story):
    counts = {}
    for partner in ("thuiszorg-t", "v-zuid"):
        row = story.net.ask(cmd="partner", partner=partner, all=True)[0]
        counts[partner] = [d["ended"] == 0 for d in row["devices"]]
    if counts != {"thuiszorg-t": [True], "v-zuid": [False]}:
        raise Wrong(f"na het terugzetten: {counts}")


def make(story, where=None):
    # Somebody whose device is to be revoked later is there already.
    story.net._device("v-zuid")
    story.net.enrol(["v-zuid"])
    _, out, _ = story.net.ctl("backup", where or backup_of(story), "--json")
    story.memory["backup"] = json.loads(out)


def lose(story):
    # What partners saw goes further than the backup.
    def published():
        told = story.net.ask(cmd="guard")
        return told["guard_size"] > story.memory["backup"]["size"], told
    until("er is meer gepubliceerd dan de kopie heeft", published)
    story.net.kill_broker()
    shutil.rmtree(story.net.path("broker", "store"))


def restore(story, *more, source=None, guard=None, check=True):
    net = story.net
    return net.run("ketenctl", "restore", source or backup_of(story), "--to",
                   net.path("broker", "store"), "--guard",
                   guard or net.path("broker", "guard"), "--json", *more,
                   check=check)


def put_back(story):
    # From here on alarms are what partners should see.
    with open(os.path.join(story.net.root, "alarms.expected"), "w",
              encoding="ascii"):
        pass
    _, out, _ = restore(story)
    told = json.loads(out)
    story.memory["restored"] = told
    if told["may_sign"] or told["erased_again"] == 0 or \
            told["guard_size"] <= told["size"]:
        raise Wrong(f"ketenctl restore: {told}")


def accept(story):
    tree = story.memory["restored"]
    _, out, err = story.net.ctl("guard", "accept", tree["size"], tree["root"])
    # What people are told by telephone.
    story.memory["tree"] = f"{tree['size']}:{tree['root']}"
    story.memory["said"] = out + err


def go_along(story, who):
    """Each partner decides, with what it heard, and looks at what is lost."""
    for short in who:
        hand = story.hands[short]
        hand.stop()
        story.net.keten(hand.partner, "sync", "--restored",
                        story.memory["tree"])
        hand.start()


# --- what is true --------------------------------------------------------------

def audit_copy(story, store):
    """keten-audit verify on that folder, with the network's trust."""
    net = story.net
    return net.run("keten-audit", "verify", "--store", store, "--vkey",
                   net.path("policy", "log.vkey"), "--introducer",
                   net.path("policy", "introducer.pub"), check=False)


@sentence(r"the backup is whole, and verify of it ends with (\d+)")
def whole(story, code):
    top = backup_of(story)
    found = {os.path.relpath(os.path.join(folder, name), top)
             for folder, _, names in os.walk(top) for name in names}
    wanted = {"manifest.json", "store/data.mdb", "vault/vault.keys",
              "vault/LEESMIJ.txt"}
    if found != wanted:
        raise Wrong(f"in de reservekopie: {sorted(found)}")
    for name in found:
        if os.stat(os.path.join(top, name)).st_mode & 0o077:
            raise Wrong(f"{name} is te lezen voor anderen")
    with open(os.path.join(top, "manifest.json"), encoding="utf-8") as f:
        manifest = json.load(f)
    days = (manifest["vault"]["keep_until_ms"] - manifest["made_ms"]) / 864e5
    if days > 30 or manifest["size"] != story.memory["backup"]["size"]:
        raise Wrong(f"manifest: {manifest}")
    # Put together again it is a log that an auditor can look at.
    copy = story.net.path("bekeken")
    os.makedirs(copy)
    shutil.copy(os.path.join(top, "store", "data.mdb"), copy)
    shutil.copy(os.path.join(top, "vault", "vault.keys"), copy)
    status, out, err = audit_copy(story, copy)
    shutil.rmtree(copy)
    if status != int(code):
        raise Wrong(f"verify van de kopie: {status}\n{out}{err}")


@sentence(r"a second backup does not overwrite it")
def no_overwrite(story):
    before = os.stat(os.path.join(backup_of(story), "manifest.json"))
    status, _, err = story.net.ctl("backup", backup_of(story), check=False)
    after = os.stat(os.path.join(backup_of(story), "manifest.json"))
    if status != 1 or "niet leeg" not in err or \
            before.st_mtime_ns != after.st_mtime_ns:
        raise Wrong(f"status {status}: {err}")


def is_not_there(story):
    store = story.net.path("broker", "store")
    if os.path.exists(os.path.join(store, "data.mdb")):
        raise Wrong("er staat toch een logboek")


@sentence(r"a backup of which a byte changed is not put back")
def damaged(story):
    for name in ("store/data.mdb", "vault/vault.keys"):
        bad = story.net.path("beschadigd")
        shutil.copytree(backup_of(story), bad)
        with open(os.path.join(bad, name), "r+b") as f:
            f.seek(40000)
            byte = f.read(1)
            f.seek(40000)
            f.write(bytes([byte[0] ^ 4]))
        status, _, err = restore(story, source=bad, check=False)
        shutil.rmtree(bad)
        if status != 1 or "beschadigd" not in err:
            raise Wrong(f"{name}: status {status}: {err}")
        is_not_there(story)


@sentence(r"it is not put back without what says what was erased")
def without_journal(story):
    status, _, err = restore(story, guard=story.net.path("elders"),
                             check=False)
    if status != 1 or "gewist" not in err or "--guard" not in err:
        raise Wrong(f"status {status}: {err}")
    is_not_there(story)


@sentence(r"the broker signs nothing, and says why")
def signs_nothing(story):
    told = story.net.ask(cmd="guard")
    if told["signing"] or "reservekopie" not in told["text"] or \
            told["guard_size"] <= story.memory["backup"]["size"]:
        raise Wrong(f"ketenctl guard: {told}")
    _, out, _ = story.net.ctl("guard")
    if "guard accept" not in out or "sync --restored" not in out:
        raise Wrong(f"wat nu?  {out}")


@sentence(r"(\w+) says that the log is not what it was")
def alarmed(story, who):
    hand = story.hands[who]

    def look():
        told = [n["text"] for n in list(hand.news) if "ALARM" in n["text"]]
        return told, hand.news[-3:]
    until(f"{who} slaat alarm", look, 20.0)


@sentence(r"the broker signs again")
def signs(story):
    def look():
        told = story.net.ask(cmd="guard")
        return told["signing"] and told["guard_size"] > int(
            story.memory["tree"].split(":")[0]), told
    until("er wordt weer ondertekend", look)


@sentence(r"the log says who accepted what")
def trace_of_it(story):
    status, out, err = story.net.audit("verify")
    if status != 22 or "guard accept" not in out + err:
        raise Wrong(f"verify: {status}\n{out}{err}")


@sentence(r"(\w+) is told that (\w+) is lost")
def told_lost(story, who, name):
    hand = story.hands[who]

    def look():
        told = [n for n in list(hand.news)
                if n["referral"] == story.referrals[name]
                and "VERLOREN" in n["text"]]
        return told, hand.news[-5:]
    until(f"{who} hoort dat {name} weg is", look)
