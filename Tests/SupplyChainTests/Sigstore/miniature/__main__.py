"""Makes a miniature Sigstore and prints signatures of all kinds, good and bad, as one JSON document.

PyPI's `sigstore` verifies what it can, so that two independent programs agree about what is good.
"""

import json
import sys

import attacks
import good
import judge
from keys import encoded
from world import DIGEST, World


def main():
    world = World()
    good.add(world)
    attacks.add(world)
    judge.add_verdicts(world)
    document = {
        "digest": f"sha256:{DIGEST}",
        "roots": {name: encoded(json.dumps(root).encode()) for name, root in world.roots.items()},
        "keys": world.pems,
        "cases": world.cases,
        "policies": good.policies(world),
    }
    json.dump(document, sys.stdout)


main()
