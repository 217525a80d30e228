"""Stories of the log's key: another takes its place, signed by both.

As in more.py each is a function (where, build, tell, random).
"""

from more import driver, must, story, submit
from network import Network, Trouble, vkey, wait_for
from oversight import (CAST, WITNESS, alarms_of, check_receipt, hand_news,
                       log_has, signalled, status_of, take_receipt, watched)


def restart(net, change):
    """Stop the broker, change its settings, start it."""
    import yaml
    net.stop_broker()
    path = net.path("broker", "ketend.yaml")
    with open(path, encoding="utf-8") as f:
        tree = yaml.safe_load(f)
    change(tree)
    with open(path, "w", encoding="utf-8") as f:
        yaml.safe_dump(tree, f, sort_keys=False)
    net.start_broker()


def tests_of_trust(net, name, key):
    """A trust root that knows only this key of the log."""
    path = net.path("policy", name)
    with open(path, "w", encoding="ascii") as f:
        f.write(f"vkey: {key}\nintroducer: {net.keys['introducer']}\n")
    return path


def names_key(net, new, former):
    def change(tree):
        tree["log_vkey"] = new
        tree["former_log_vkey"] = former
    return change


@story("42-log-key")
def log_key(where, build, tell, random):
    """The log gets a new key: signed by both, followed by everybody"""
    net = watched(where, build)
    try:
        old = net.keys["vkey"]
        net.run("ketenctl", "keygen", "log", "--dir",
                net.path("broker", "next"))
        with open(net.path("broker", "next", "log.pub"),
                  encoding="ascii") as f:
            new = vkey(net.origin, bytes.fromhex(f.read().strip()))
        before = signalled(net)
        early = take_receipt(net, "lwdb-noord", before["ticket"], "early")
        refuses_without(net, new, old, tell)
        net.seen_by_witnesses()
        must(net.stop_witness(WITNESS) == 0, "de getuige")

        def both(tree):
            tree["keys"]["other_log"] = net.path("broker", "next", "log.key")
        restart(net, both)
        lwdb = driver(net, "lwdb-noord")
        submit(lwdb)
        net.change_policy(names_key(net, new, [old]))
        wait_for("het nieuwe beleid", lambda: status_of(net)["policy"] == 4)
        submit(lwdb)
        wait_for("de nieuwe sleutel", lambda: any(
            "nieuwe sleutel" in n["text"] for n in hand_news(lwdb)))
        must(not alarms_of(lwdb), alarms_of(lwdb))
        tell(True, "a connected partner takes the new key, signed by both, "
             "without an alarm")
        lwdb.stop()
        by_the_old_key(net, before, old, new, tell)
        net.start_witness(WITNESS)
        net.seen_by_witnesses()
        must(net.stop_witness(WITNESS) == 0, "de getuige")

        def only_new(tree):
            tree["keys"] = {"curve": tree["keys"]["curve"],
                            "log": net.path("broker", "next", "log.key")}
        restart(net, only_new)
        with open(net.path("policy", "log.vkey"), "w",
                  encoding="ascii") as f:
            f.write(new + "\n")
        net.start_witness(WITNESS)
        lwdb.start()
        submit(lwdb)
        net.seen_by_witnesses()
        must(not alarms_of(lwdb), alarms_of(lwdb))
        lwdb.stop()
        after = signalled(net)
        net.seen_by_witnesses()
        late = take_receipt(net, "lwdb-noord", after["ticket"], "late")
        tell(True, "only the new key signs: partner and witness go on")
        was_away(net, tell)
        audits(net, old, new, early, late, tell)
        stranger(net, tell)
    finally:
        net.stop()


def by_the_old_key(net, before, old, new, tell):
    """The newest that the witness signed is of before there were two keys."""
    path = take_receipt(net, "lwdb-noord", before["ticket"], "between")
    for key, good in ((old, 10), (new, 20)):
        status, found = check_receipt(net, path, trust=tests_of_trust(
            net, "between.yaml", key))
        must(status == good, f"{status} {found}")
    status, found = check_receipt(net, path)
    must(status == 0 and found["witnesses"] == 1, f"{status} {found}")
    _, _, err = net.keten("lwdb-noord", "inbox")
    must("ALARM" not in err, err)
    tell(True, "a checkpoint of before, by the key that the policy names as "
         "the former one, is taken without an alarm")


def refuses_without(net, new, old, tell):
    """A policy that names a key the broker does not hold stays outside."""
    net.change_policy(names_key(net, new, [old]))
    wait_for("de weigering", lambda: log_has(net, "ketend", "RELOAD_FAILED"))
    must(status_of(net)["policy"] == 1, status_of(net))
    status, out, err = net.run("ketend", "-c",
                               net.path("broker", "ketend.yaml"), "-t",
                               check=False)
    must(status == 3 and "log_vkey" in out + err, f"{status} {out}{err}")
    net.change_policy(names_key(net, old, []))
    wait_for("het beleid van nu", lambda: status_of(net)["policy"] >= 3)
    tell(True, "a policy that names a key the broker does not have is "
         "refused, by -t too")


def was_away(net, tell):
    """Who was not there while both signed has to decide."""
    def told():
        status, out, _ = net.keten("gemeente-r", "trust", check=False)
        return status == 5 and "nieuwe sleutel van het logboek" in out
    wait_for("de vraag aan wie weg was", told)
    net.keten("gemeente-r", "trust", "--accept", check=False)

    def goes_on():
        rows = net.keten_json("gemeente-r", "trust")
        return rows[0]["connected"] and rows[0]["size"] > 0
    wait_for("wie weg was doet weer mee", goes_on, 40, 0.5)
    tell(True, "who was away until only the new key signed is asked, and "
         "goes on when somebody accepted it")


def audits(net, old, new, early, late, tell):
    store = ["--store", net.path("broker", "store")]
    for name, key in (("old.yaml", old), ("new.yaml", new)):
        trust = tests_of_trust(net, name, key)
        for verb in ("verify", "checkpoint"):
            status, out, err = net.run("keten-audit", verb, *store, "--trust",
                                       trust, check=False)
            must(status in (0, 10), f"{verb} {name}: {status}\n{out}{err}")
        follow = ["--policy", net.path("policy", "policy.signed")]
        for path in (early, late):
            status, found = check_receipt(net, path, *follow, trust=trust)
            must(status == 10, f"{path} {name}: {status} {found}")
    tell(True, "an auditor with either key verifies all of it, and receipts "
         "of before and after by the signed policy")
    status, found = check_receipt(net, late,
                                  trust=tests_of_trust(net, "x.yaml", old))
    must(status == 20, f"{status} {found}")
    other = vkey(net.origin, bytes(range(32)))
    status, out, err = net.run("keten-audit", "verify", *store, "--trust",
                               tests_of_trust(net, "other.yaml", other),
                               check=False)
    must(status == 24 or status == 20, f"{status}\n{out}{err}")
    tell(True, "without the policy the old key proves nothing new; a key that "
         "no policy names is refused")


def stranger(net, tell):
    """A broker that signs with a key that nobody named."""
    net.run("ketenctl", "keygen", "log", "--dir", net.path("broker", "evil"))

    def evil(tree):
        tree["keys"]["log"] = net.path("broker", "evil", "log.key")
    try:
        restart(net, evil)
        must(False, "de makelaar begon met een sleutel die het beleid niet "
             "noemt")
    except Trouble:
        pass
    net.children.pop("ketend", None)
    must(log_has(net, "ketend", "log_vkey"), net.tail("ketend"))
    tell(True, "nor does a broker start with a key that the policy does not "
         "name")


@story("46-log-key-and-a-crash")
def log_key_crash(where, build, tell, random):
    """Killed before both keys signed for the new one: it does not go on with
    one"""
    import yaml
    net = Network(where, build, settings={"times": {"checkpoint": "60 s"}})
    net.make(CAST)
    net.run("ketenctl", "keygen", "log", "--dir", net.path("broker", "next"))
    with open(net.path("broker", "next", "log.pub"), encoding="ascii") as f:
        new = vkey(net.origin, bytes.fromhex(f.read().strip()))
    old = net.keys["vkey"]
    path = net.path("broker", "ketend.yaml")

    def keys(log, other):
        with open(path, encoding="utf-8") as f:
            tree = yaml.safe_load(f)
        tree["keys"] = {"curve": tree["keys"]["curve"], "log": log}
        if other is not None:
            tree["keys"]["other_log"] = other
        with open(path, "w", encoding="utf-8") as f:
            yaml.safe_dump(tree, f, sort_keys=False)
    first = net.path("broker", "keys", "log.key")
    second = net.path("broker", "next", "log.key")
    try:
        keys(first, second)
        net.start_broker()
        net.change_policy(names_key(net, old, []))
        wait_for("het eerste", lambda: status_of(net)["policy"] == 2)
        net.change_policy(names_key(net, new, [old]))
        wait_for("het tweede", lambda: status_of(net)["policy"] == 3)
        must(status_of(net)["checkpoint"] < status_of(net)["size"],
             "er was al een controlepunt over")
        net.kill_broker()
        keys(second, None)
        try:
            net.start_broker()
            must(False, "de makelaar tekende alleen met de nieuwe sleutel")
        except Trouble:
            net.children.pop("ketend", None)
        must(log_has(net, "ketend", "vorige sleutel"), net.tail("ketend"))
        tell(True, "with the new key alone it does not start")
        keys(second, first)
        net.start_broker()
        wait_for("een controlepunt met beide", lambda: status_of(net)
                 ["checkpoint"] > 0)
        net.stop_broker()
        keys(second, None)
        net.start_broker()
        for name, key in (("old.yaml", old), ("new.yaml", new)):
            status, out, err = net.run(
                "keten-audit", "verify", "--store",
                net.path("broker", "store"), "--trust",
                tests_of_trust(net, name, key), check=False)
            must(status == 10, f"{name}: {status}\n{out}{err}")
        tell(True, "with both it signs, and from then on the new one is "
             "enough")
    finally:
        net.stop()
