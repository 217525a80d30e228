"""The classes of the .proto files, made with protoc, as one namespace."""

import os
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
NAMES = ("common", "content", "facts", "keys", "policy", "session",
         "statement")


class Protos:
    """Protos.Statement and so on."""

    def __init__(self, out=os.path.join(TOP, "build", "interop")):
        schemas = os.path.join(TOP, "schemas")
        os.makedirs(out, exist_ok=True)
        subprocess.run(["protoc", "--proto_path=" + schemas,
                        "--python_out=" + out]
                       + [f"keten/v1/{n}.proto" for n in NAMES],
                       cwd=schemas, check=True)
        sys.path.insert(0, out)
        for name in NAMES:
            module = __import__(f"keten.v1.{name}_pb2", fromlist=["x"])
            for word in dir(module):
                if not word.startswith("_"):
                    setattr(self, word, getattr(module, word))
