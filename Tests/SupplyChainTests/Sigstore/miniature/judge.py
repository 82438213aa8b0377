"""The verdicts of PyPI's `sigstore`, which only knows bundles with certificates."""

import base64
import json
import logging
import warnings

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)

from sigstore.models import Bundle, TrustedRoot
from sigstore.verify import Verifier
from sigstore.verify.policy import Identity
from sigstore_models.trustroot import v1 as trustroot
from world import World


def add_verdicts(world: World):
    """Adds to each case that it knows: `verified`, or why not."""
    verifiers: dict = {}
    for case in world.cases:
        if case["format"] != "bundle" or "key" in case or case["root"] is None:
            continue
        name = case["root"]
        if name not in verifiers:
            inner = trustroot.TrustedRoot.from_json(json.dumps(world.roots[name]))
            verifiers[name] = Verifier(trusted_root=TrustedRoot(inner))
        case["foreign"] = verdict(verifiers[name], case)


def verdict(verifier: Verifier, case: dict) -> str:
    policy = Identity(identity=case["identity"], issuer=case["issuer"])
    try:
        bundle = Bundle.from_json(base64.b64decode(case["document"]))
        if bundle._dsse_envelope:
            verifier.verify_dsse(bundle, policy)
        else:
            verifier.verify_artifact(base64.b64decode(case["content"]), bundle, policy)
        return "verified"
    except Exception as error:
        # A bundle that is not valid fails in many ways.
        return f"{type(error).__name__}: {error}"
