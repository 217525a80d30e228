"""A story about keys that nobody else may see.

As in more.py it is a function (where, build, tell, random).
"""

import os
import shutil

import yaml

from more import audited, driver, must, network, read, story, submit
from network import wait_for, write

CAST = ["lwdb-noord", "welzijn-w", "gemeente-r"]


def core_limit(pid):
    """The largest core dump the process may leave: (soft, hard)."""
    for line in read(f"/proc/{pid}/limits").splitlines():
        if line.startswith("Max core file size"):
            return tuple(line.split()[4:6])
    return None


def as_credentials(net, place):
    """Every key of broker and adapter in one closed folder, as LoadCredential=
    gives them; and nowhere else."""
    os.makedirs(place, mode=0o700)

    def give(path, name):
        shutil.move(path, os.path.join(place, name))
        os.chmod(os.path.join(place, name), 0o440)
    keys = net.path("broker", "keys")
    for name in ("curve.key", "log.key"):
        give(os.path.join(keys, name), "ketend-" + name)
    path = net.path("broker", "ketend.yaml")
    tree = yaml.safe_load(read(path))
    tree["keys"] = {"curve": "ketend-curve.key", "log": "ketend-log.key"}
    write(path, yaml.safe_dump(tree, sort_keys=False))
    folder = net.path("partners", "welzijn-w", "keys")
    for name in os.listdir(folder):
        give(os.path.join(folder, name), "w_" + name)
    net.change_device("welzijn-w", lambda tree: tree.update(
        keys="credentials:w"))


@story("29-kept-secret")
def kept_secret(where, build, tell, random):
    """Keys come as systemd's credentials, and no program leaves a core dump"""
    net = network(where, build, CAST)
    place = net.path("credentials")
    try:
        net.children.pop("ketend").stop()
        as_credentials(net, place)
        status, _, err = net.keten("welzijn-w", "inbox", check=False)
        must(status == 4 and "w_sign.key" in err,
             f"zonder de map van systemd: {status} {err}")
        os.environ["CREDENTIALS_DIRECTORY"] = place
        net.start_broker()
        net.start_adapter("welzijn-w")
        lwdb = driver(net, "lwdb-noord")
        submit(lwdb)
        wait_for("het bestand", lambda: [
            f for f in os.listdir(net.folder("welzijn-w", "in"))
            if "submit" in f])
        tell(True, "ketend and the adapter find their keys by their bare "
             "names in $CREDENTIALS_DIRECTORY, and nowhere else")
        for name in ("ketend", "welzijn-w"):
            limit = core_limit(net.children[name].pid)
            must(limit == ("0", "0"), f"{name}: core {limit}")
        tell(True, "neither of them may leave a core dump")
        os.chmod(os.path.join(place, "ketend-log.key"), 0o444)
        net.children.pop("ketend").stop()
        status, out, err = net.run("ketend", "-t", "-c", net.path(
            "broker", "ketend.yaml"), check=False)
        must(status != 0 and "ketend-log.key" in out + err,
             f"ketend -t: {status} {out}{err}")
        tell(True, "a credential that others can read is refused by name")
        os.chmod(os.path.join(place, "ketend-log.key"), 0o440)
        net.start_broker()
        lwdb.stop()
        audited(net, tell)
    finally:
        os.environ.pop("CREDENTIALS_DIRECTORY", None)
        net.stop()
