"""A whole Keten network in one folder: keys, policy, broker, partners.

    net = Network("/tmp/try")     # nothing happens yet
    net.make()                    # keys, signed policy, settings
    net.start_broker()
    net.enrol()                   # the partners' certificates
    net.start_adapter("lwdb-noord")
    net.keten("welzijn-w", "inbox")
    net.stop()                    # ends what was started here, nothing else

`make run` and the flow tests both stand on it.  Everything listens on the
loopback address only; the keys are worth nothing outside the folder.

What is in the folder:

    policy/      policy.yaml, its signed bytes, the partners' public keys
    secret/      keys that would be kept offline: introducer, identities
    broker/      ketend.yaml, its keys, the store, the guard
    partners/X/  settings, keys and spool of partner X; folder/ if it has one
    log/         what every program said
"""

import base64
import ctypes
import hashlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))

# Which program serves which partner's folder.
ADAPTERS = {
    "lwdb-noord": "lwdb",
    "thuiszorg-t": "thuiszorg",
    "welzijn-w": "welzijn",
    "corporatie-c": "corporation",
}

# Who acts for a partner when nobody is named: a function, never a person.
ACTOR = "DEMO-01"
# For what has to come: a machine may have much else to do.
PATIENCE = 60.0
SOCKET_PATH_MAX = 90


class Trouble(Exception):
    """Something did not happen; the text says what, with the log's end."""


def die_with_parent():
    """In a child: end when the one that started it is gone."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def vkey(name, public):
    """A log's public key as signed notes write it: name+hash+base64."""
    digest = hashlib.sha256(name.encode() + b"\n\x01" + public).digest()
    return (f"{name}+{digest[:4].hex()}+"
            + base64.b64encode(b"\x01" + public).decode())


def write(path, text, mode=0o644):
    """Write a file whole: nobody ever sees half of it."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    beside = f"{path}.{os.getpid()}.tmp"
    with open(beside, "w", encoding="utf-8") as out:
        out.write(text)
    os.chmod(beside, mode)
    os.replace(beside, path)


def surroundings(more=None):
    """The environment of a program: nothing of whoever starts the network
    that would mean something to it."""
    mine = {name: value for name, value in os.environ.items()
            if not name.startswith("KETEN_") and name not in (
                "NOTIFY_SOCKET", "WATCHDOG_USEC")}
    return {**mine, **(more or {})}


def wait_for(what, ready, patience=PATIENCE, nap=0.01):
    """Call ready() until it gives something true, and return that; after
    ${patience} seconds, but not before PATIENCE, it is Trouble."""
    patience = max(patience, PATIENCE)
    end = time.monotonic() + patience
    while True:
        value = ready()
        if value:
            return value
        if time.monotonic() > end:
            raise Trouble(f"na {patience:.0f} s nog niet: {what}")
        time.sleep(nap)


class Child:
    """One program that we started, with its log."""

    def __init__(self, name, command, log, env=None, stdin=None, stdout=None):
        self.name = name
        self.log = log
        os.makedirs(os.path.dirname(log), exist_ok=True)
        with open(log, "ab") as err:
            self.process = subprocess.Popen(
                command, stdin=stdin or subprocess.DEVNULL,
                stdout=stdout or err, stderr=err, cwd=TOP,
                env=surroundings(env),
                preexec_fn=die_with_parent)

    @property
    def pid(self):
        return self.process.pid

    def alive(self):
        return self.process.poll() is None

    def kill(self):
        """The hard way: SIGKILL, as a power cut would."""
        if self.alive():
            self.process.kill()
        self.process.wait()

    def stop(self, patience=PATIENCE):
        """Ask it to end; return its exit status."""
        if self.alive():
            self.process.terminate()
        try:
            return self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Trouble(f"{self.name} eindigde niet binnen "
                          f"{patience:.0f} s na SIGTERM") from None


class Network:
    """See the top of this file."""

    def __init__(self, root, build="build", patch=None, clock_ms=None,
                 settings=None, witnesses=()):
        self.root = os.path.abspath(root)
        self.build = os.path.abspath(os.path.join(TOP, build))
        self.patch = patch
        self.clock_ms = clock_ms
        self.settings = settings or {}
        self.witnesses = list(witnesses)   # partners that run one
        self.children = {}
        self.port = None
        self.keys = {}
        self.started_in = None
        self.sockets = self.root
        self.partners = []
        self.origin = None
        self.runs = 0
        self.wrap = []          # words before the broker: tests that trace it

    # --- paths and programs ---------------------------------------------------

    def path(self, *parts):
        return os.path.join(self.root, *parts)

    def program(self, name):
        path = os.path.join(self.build, name)
        if not os.access(path, os.X_OK):
            raise Trouble(f"{path} is er niet: draai eerst 'make all'")
        return path

    def run(self, program, *args, check=True, stdin=None, timeout=120,
            env=None):
        """Run a program to its end; (status, stdout, stderr)."""
        done = subprocess.run(
            [self.program(program), *map(str, args)], cwd=TOP, input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True, timeout=timeout, text=True, errors="replace",
            env=surroundings(env), check=False)
        if check and done.returncode != 0:
            raise Trouble(f"{program} {' '.join(map(str, args))}: "
                          f"status {done.returncode}\n{done.stdout}"
                          f"{done.stderr}")
        return done.returncode, done.stdout, done.stderr

    # --- making it --------------------------------------------------------------

    def make(self, cast=None):
        """Keys, policy and settings; ${cast}: whose devices (None: all)."""
        os.makedirs(self.root, exist_ok=True)
        if len(self.path("broker", "control")) > SOCKET_PATH_MAX:
            self.sockets = tempfile.mkdtemp(prefix="keten-", dir="/tmp")
        self.port = free_port()
        for partner in self.witnesses:
            self._witness_key(partner)
        self._policy_source()
        self._broker_keys()
        self._identities()
        self.sign_policy()
        self._broker_settings()
        for partner in cast or self.partners:
            self._device(partner)
        if self.clock_ms is not None:
            self.set_clock(self.clock_ms)

    def _policy_source(self):
        """Copy the demo's policy, changed by ${patch} if there is one."""
        with open(os.path.join(HERE, "policy.yaml"), encoding="utf-8") as f:
            text = f.read()
        tree = yaml.safe_load(text)
        if self.witnesses:
            tree["witnesses"] = [
                {"name": p, "vkey": self.keys["witness " + p]}
                for p in self.witnesses]
            tree["witness_quorum"] = len(self.witnesses) // 2 + 1
        if self.patch is not None:
            self.patch(tree)
        if self.patch is not None or self.witnesses:
            text = yaml.safe_dump(tree, allow_unicode=True, sort_keys=False)
        self.origin = tree["origin"]
        self.partners = [p["id"] for p in tree["partners"]]
        write(self.path("policy", "policy.yaml"), text)

    def _broker_keys(self):
        for name, folder in (("introducer", self.path("secret")),
                             ("curve", self.path("broker", "keys")),
                             ("log", self.path("broker", "keys"))):
            self.run("ketenctl", "keygen", name, "--dir", folder)
            with open(os.path.join(folder, name + ".pub"),
                      encoding="ascii") as f:
                self.keys[name] = f.read().strip()
        self.keys["vkey"] = vkey(self.origin, bytes.fromhex(self.keys["log"]))
        write(self.path("policy", "log.vkey"), self.keys["vkey"] + "\n")
        write(self.path("policy", "introducer.pub"),
              self.keys["introducer"] + "\n")
        write(self.path("policy", "trust.yaml"),
              f"origin: {self.origin}\nvkey: file:log.vkey\n"
              "introducer: file:introducer.pub\n")
        if self.witnesses:
            self._trust_witnesses()

    def _witness_key(self, partner):
        """A witness is a program of that partner, with a key of its own."""
        home = self.path("partners", partner, "witness")
        os.makedirs(home, exist_ok=True)
        _, out, _ = self.run(
            "keten-audit", "witness", "keygen", "--key",
            os.path.join(home, "witness.key"), "--name",
            self.witness_name(partner))
        self.keys["witness " + partner] = out.strip()

    def _trust_witnesses(self):
        """An auditor has the witnesses' keys from them, not from here."""
        for partner in self.witnesses:
            write(self.path("policy", partner + ".vkey"),
                  self.keys["witness " + partner] + "\n")
        with open(self.path("policy", "trust.yaml"), encoding="ascii") as f:
            text = f.read()
        files = ", ".join(f"file:{p}.vkey" for p in self.witnesses)
        write(self.path("policy", "trust.yaml"), text
              + f"witnesses: [{files}]\n"
              + f"quorum: {len(self.witnesses) // 2 + 1}\n")

    @staticmethod
    def witness_name(partner):
        return partner + ".voorbeeld.nl/getuige"

    def _identities(self):
        for partner in self.partners:
            _, out, _ = self.run("keten", "keygen", "--identity",
                                 self.path("secret", partner + ".key"))
            write(self.path("policy", "partners", partner + ".pub"),
                  out.strip() + "\n")

    def sign_policy(self):
        """Compile and sign policy/policy.yaml, as beheer would, offline."""
        self.run("ketenctl", "policy", "sign",
                 self.path("policy", "policy.yaml"),
                 "--key", self.path("secret", "introducer.key"),
                 "--out", self.path("policy", "policy.signed"))

    def change_policy(self, change):
        """Change the source, raise its index, sign it, tell the broker."""
        path = self.path("policy", "policy.yaml")
        with open(path, encoding="utf-8") as f:
            tree = yaml.safe_load(f)
        change(tree)
        tree["index"] += 1
        write(path, yaml.safe_dump(tree, allow_unicode=True, sort_keys=False))
        self.sign_policy()
        os.kill(self.children["ketend"].pid, signal.SIGHUP)

    def _broker_settings(self):
        tree = {
            "origin": self.origin,
            "listen": [f"tcp://127.0.0.1:{self.port}"],
            "store": {"path": self.path("broker", "store"),
                      "map": "1 GiB",
                      "inhand": self.path("broker", "inhand"),
                      "low": "64 MiB", "ballast": "1 MiB"},
            "guard": self.path("broker", "guard"),
            "control": self.control,
            "keys": {"curve": self.path("broker", "keys", "curve.key"),
                     "log": self.path("broker", "keys", "log.key")},
            "policy": {"file": self.path("policy", "policy.signed"),
                       "introducer": self.keys["introducer"]},
        }
        if self.witnesses:
            tree["witness"] = {"folder": self.path("letters")}
        for key, value in self.settings.items():
            if isinstance(value, dict):
                tree.setdefault(key, {}).update(value)
            else:
                tree[key] = value
        os.makedirs(os.path.dirname(tree["control"]), exist_ok=True)
        os.makedirs(tree["store"]["path"], mode=0o700, exist_ok=True)
        write(self.path("broker", "ketend.yaml"),
              yaml.safe_dump(tree, sort_keys=False))

    def _device(self, partner, device="main"):
        """Settings and keys of one device."""
        home = self.path("partners", partner)
        os.makedirs(home, exist_ok=True)
        self.run("keten", "keygen", "--dir", os.path.join(home, "keys"))
        tree = {
            "origin": self.origin,
            "partner": partner,
            "device": device,
            "endpoint": f"tcp://127.0.0.1:{self.port}",
            "broker_key": self.keys["curve"],
            "introducer_key": self.keys["introducer"],
            "log_vkey": self.keys["vkey"],
            "keys": os.path.join(home, "keys"),
            "spool": os.path.join(home, "spool"),
            "actor": ACTOR,
            "reconnect_max": "500 ms",
        }
        if partner in ADAPTERS:
            tree["adapter"] = {"folder": os.path.join(home, "folder"),
                               "defaults": {"area": "GM0855"}}
        write(os.path.join(home, "keten.yaml"),
              yaml.safe_dump(tree, sort_keys=False))

    def device_settings(self, partner):
        return self.path("partners", partner, "keten.yaml")

    def change_device(self, partner, change):
        """Change a device's settings file."""
        path = self.device_settings(partner)
        with open(path, encoding="utf-8") as f:
            tree = yaml.safe_load(f)
        change(tree)
        write(path, yaml.safe_dump(tree, sort_keys=False))

    def enrol(self, cast=None):
        """Certify the devices with the identity keys; tell the broker."""
        made = []
        for partner in cast or self.partners:
            if not os.path.exists(self.device_settings(partner)):
                continue
            _, out, _ = self.run(
                "keten", "enrol", "-c", self.device_settings(partner),
                "--identity", self.path("secret", partner + ".key"),
                "--dir", self.path("certificates"), "--days", "3650")
            made += out.split()
        self.ctl("enrol", *made)

    # --- the broker ---------------------------------------------------------------

    def start_broker(self, wait=True):
        """Start ketend; return the seconds until it said READY."""
        self.runs += 1
        notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        name = os.path.join(self.sockets, f"broker/notify{self.runs}")
        notify.bind(name)
        env = {"NOTIFY_SOCKET": name}
        if self.clock_ms is not None:
            env["KETEN_TEST_CLOCK"] = self.path("clock")
        began = time.monotonic()
        child = Child("ketend", [*self.wrap, self.program("ketend"), "-c",
                                 self.path("broker", "ketend.yaml")],
                      self.path("log", "ketend.log"), env)
        self.children["ketend"] = child
        try:
            self.started_in = self._ready(child, notify, began) if wait else 0
        finally:
            notify.close()
            os.unlink(name)
        return self.started_in

    def _ready(self, child, notify, began):
        notify.settimeout(0.05)
        while time.monotonic() - began < PATIENCE:
            try:
                if b"READY=1" in notify.recv(4096):
                    return time.monotonic() - began
            except socket.timeout:
                if not child.alive():
                    break
        raise Trouble("ketend kwam niet op:\n" + self.tail("ketend"))

    def stop_broker(self):
        status = self.children.pop("ketend").stop()
        if status != 0:
            raise Trouble(f"ketend eindigde met status {status}\n"
                          + self.tail("ketend"))

    def kill_broker(self):
        self.children.pop("ketend").kill()

    @property
    def control(self):
        return os.path.join(self.sockets, "broker", "control")

    def ctl(self, *args, check=True):
        return self.run("ketenctl", *args, "--socket", self.control,
                        check=check)

    def ask(self, **request):
        """The same request that ketenctl would make, without a process."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
            sock.settimeout(PATIENCE)
            sock.connect(self.control)
            sock.sendall(json.dumps(request).encode() + b"\n")
            text = b""
            while not text.endswith(b"\n"):
                more = sock.recv(65536)
                if not more:
                    break
                text += more
        answer = json.loads(text)
        if not answer.get("ok"):
            raise Trouble(f"{request}: {answer}")
        return answer["data"]

    # --- the clock ------------------------------------------------------------------

    def set_clock(self, ms):
        """Put the test clock at ${ms}; the broker walks there."""
        self.clock_ms = int(ms)
        write(self.path("clock"), f"{self.clock_ms}\n")

    # --- the partners ---------------------------------------------------------------

    def start_adapter(self, partner, *args):
        name = "keten-adapter-" + ADAPTERS[partner]
        child = Child(name, [self.program(name), "-c",
                             self.device_settings(partner), *args],
                      self.path("log", name + ".log"))
        self.children[partner] = child
        return child

    def stop_adapter(self, partner):
        return self.children.pop(partner).stop()

    def kill_adapter(self, partner):
        self.children.pop(partner).kill()

    def folder(self, partner, *parts):
        return self.path("partners", partner, "folder", *parts)

    def drop(self, partner, name, text):
        """Put a file into a drop folder, the way 5.2 asks: tmp, then new."""
        for place in ("tmp", "new"):
            os.makedirs(self.folder(partner, "out", place), exist_ok=True)
        beside = self.folder(partner, "out", "tmp", name)
        with open(beside, "wb") as out:
            out.write(text if isinstance(text, bytes) else text.encode())
        os.rename(beside, self.folder(partner, "out", "new", name))

    def keten(self, partner, *args, check=True, stdin=None):
        """One `keten` command of a partner: (status, stdout, stderr)."""
        verb, *rest = args
        return self.run("keten", verb, "-c", self.device_settings(partner),
                        *rest, check=check, stdin=stdin)

    def keten_json(self, partner, *args):
        """The same, with every line of --json read."""
        _, out, _ = self.keten(partner, *args, "--json")
        return [json.loads(line) for line in out.splitlines() if line]

    def witness_args(self, partner, *args):
        """keten-audit witness, as ${partner} runs it."""
        home = self.path("partners", partner, "witness")
        return ["witness", "--key", os.path.join(home, "witness.key"),
                "--name", self.witness_name(partner),
                "--state", os.path.join(home, "state"),
                "--vkey", self.path("policy", "log.vkey"),
                "--folder", self.path("letters", partner), *args]

    def start_witness(self, partner):
        """It looks every second whether there is a letter for it."""
        state = self.path("partners", partner, "witness", "state")
        begin = [] if os.path.exists(state) else ["--new"]
        name = "witness-" + partner
        child = Child(name, [self.program("keten-audit"), *self.witness_args(
            partner, "--watch", "1", *begin)],
            self.path("log", name + ".log"))
        self.children[name] = child
        return child

    def stop_witness(self, partner):
        return self.children.pop("witness-" + partner).stop()

    def seen_by_witnesses(self, size=None, patience=PATIENCE):
        """Wait until enough witnesses have seen ${size} records (all)."""
        def look():
            status = self.ask(cmd="status")
            wanted = status["size"] if size is None else size
            return status["witnessed"] >= wanted
        wait_for("de getuigen hebben alles gezien", look, patience, 0.1)

    # --- the auditor ----------------------------------------------------------------

    def audit(self, verb, *args, check=False):
        """One `keten-audit` command on the live store."""
        return self.run("keten-audit", verb, *args, *self.audit_trust(),
                        check=check, timeout=600)

    def audit_trust(self):
        """The auditor's own trust root, from outside the broker."""
        return ["--store", self.path("broker", "store"),
                "--trust", self.path("policy", "trust.yaml")]

    # --- ending ---------------------------------------------------------------------

    def tail(self, name, lines=25):
        """The end of a program's log."""
        path = self.path("log", name + ".log")
        try:
            with open(path, encoding="utf-8", errors="replace") as f:
                return "".join(f.readlines()[-lines:])
        except OSError:
            return ""

    def tails(self):
        """The ends of all logs."""
        text = ""
        for name in sorted(os.listdir(self.path("log"))
                           if os.path.isdir(self.path("log")) else []):
            text += f"--- {name}\n" + self.tail(re.sub(r"\.log$", "", name))
        return text

    def stop(self):
        """End what was started here, the broker last; return who did not
        end well, with its status."""
        unwell = []
        for name in sorted(self.children, key=lambda n: n == "ketend"):
            try:
                status = self.children[name].stop()
            except Trouble:
                status = None
            if status not in (0, -signal.SIGTERM):
                unwell.append((name, status))
        self.children.clear()
        if self.sockets != self.root:
            shutil.rmtree(self.sockets, ignore_errors=True)
        return unwell

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
