"""Signs one image as the miniature Sigstore does, without a key: `image.py MANIFEST FOLDER`.

Writes `bundle.json` and `trusted_root.json`, and prints the identity and the issuer.
"""

import hashlib
import json
import pathlib
import sys

import signing
from authorities import EMAIL, ISSUER
from world import SIGNATURE_PREDICATE, World


def main():
    manifest, folder = (pathlib.Path(argument) for argument in sys.argv[1:])
    digest = hashlib.sha256(manifest.read_bytes()).hexdigest()
    world = World()
    bundle = world.tiled_statement(payload=signing.statement(digest, SIGNATURE_PREDICATE))
    (folder / "bundle.json").write_text(json.dumps(bundle))
    (folder / "trusted_root.json").write_text(json.dumps(world.roots["root"]))
    json.dump({"identity": EMAIL, "issuer": ISSUER}, sys.stdout)


main()
