"""The parties of the miniature Sigstore, and what they make when nothing is wrong."""

import copy
import functools
import hashlib
import json

import authorities
import keys
import signing
from authorities import EMAIL, ISSUER, NOW, minutes
from keys import Key, encoded
from logs import Rekor1, Rekor2
from signing import Signer

# The artifact, which stands for an image's manifest.
CONTENT = b'{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json"}'
DIGEST = hashlib.sha256(CONTENT).hexdigest()
OTHER_CONTENT = b'{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json"}'
OTHER_DIGEST = hashlib.sha256(OTHER_CONTENT).hexdigest()
SIGNATURE_PREDICATE = "https://sigstore.dev/cosign/sign/v1"


# Where a bundle has its log entry, and the proof of it.
ENTRY = ("verificationMaterial", "tlogEntries", 0)
PROOF = ENTRY + ("inclusionProof",)


def pick(document, *path):
    """The value at a path."""
    return functools.reduce(lambda value, step: value[step], path, document)


def changed(document, *path, to=None):
    """A copy with another value at a path, or without it if there is none."""
    document = copy.deepcopy(document)
    target = document
    for step in path[:-1]:
        target = target[step]
    if to is None:
        del target[path[-1]]
    else:
        target[path[-1]] = to
    return document


class World:
    def __init__(self):
        self.certificate_log = authorities.CertificateLog("ct")
        self.fulcio = authorities.Fulcio("fulcio", self.certificate_log)
        self.rekor1 = Rekor1("rekor")
        self.rekor2 = Rekor2("log2026-1.rekor")
        self.tsa = authorities.TimestampAuthority("tsa")
        # Its timestamps contain the certificate that signs them, and the trusted root only the authority above.
        self.embedding_tsa = authorities.TimestampAuthority("tsa-embedding", "P-384")
        self.embedding_tsa.chain = [self.embedding_tsa.root.certificate]
        self.roots = {
            "root": self.root(),
            "embedding-tsa": self.root(timestamp_authorities=[self.embedding_tsa]),
            "both-tsas": self.root(timestamp_authorities=[self.tsa, self.embedding_tsa]),
        }
        self.cases: list[dict] = []
        kinds = {"p256": "P-256", "p384": "P-384", "p521": "P-521", "rsa": "RSA", "ed25519": "Ed25519"}
        self.keys = {name: Key(f"key-{name}", kind) for name, kind in kinds.items()}
        self.keys |= {name: Key(f"key-{name}") for name in ("first", "second", "third", "other")}
        self.pems = {name: key.pem for name, key in self.keys.items()} | keys.other_forms(self.keys)
        self.pems["p256-certificate"] = self.signer("key-p256").pem

    def root(self, **changes) -> dict:
        parties = {
            "fulcios": [self.fulcio],
            "certificate_logs": [self.certificate_log],
            "logs": [self.rekor1, self.rekor2],
            "timestamp_authorities": [self.tsa],
        }
        return signing.trusted_root(**(parties | changes))

    def signer(self, key: str = "leaf", identity=None, fulcio=None, kind: str = "P-256", **options) -> Signer:
        """Somebody with a certificate."""
        private = Key(key, kind)
        certificate = (fulcio or self.fulcio).issue(private, identity or authorities.email(), **options)
        return Signer(private, certificate)

    # Records in the logs

    def message_entry(self, signer: Signer, content: bytes, signature: bytes, moment=NOW + minutes(1)) -> dict:
        return self.rekor1.add(signing.hashedrekord1(signer, signature, signer.digest(content)), moment)

    def tiled_message_entry(self, signer: Signer, content: bytes, signature: bytes) -> dict:
        return self.rekor2.add(signing.hashedrekord2(signer, signature, signer.digest(content)))

    # Whole bundles

    def message(self, signer: Signer | None = None, content=CONTENT, moment=NOW + minutes(1), media_type=signing.BUNDLE_V3):
        """A signature of an artifact, in Rekor 1."""
        signer = signer or self.signer()
        signed = signing.message(signer, content)
        entry = self.message_entry(signer, content, signing.signature(signed), moment)
        return signing.bundle(signer, signed, [entry], media_type=media_type)

    def tiled_message(self, signer: Signer | None = None, content=CONTENT, timestamps=None):
        """A signature of an artifact, in Rekor 2. `timestamps` makes the timestamps of the signature."""
        signer = signer or self.signer()
        signed = signing.message(signer, content)
        signature = signing.signature(signed)
        stamps = timestamps(signature) if timestamps else [self.tsa.stamp(signature)]
        return signing.bundle(signer, signed, [self.tiled_message_entry(signer, content, signature)], stamps)

    def statement(self, signer: Signer | None = None, payload: bytes | None = None, body=signing.dsse1, moment=NOW + minutes(1)):
        """A signed statement, in Rekor 1."""
        signer = signer or self.signer()
        payload = payload or signing.statement(DIGEST, SIGNATURE_PREDICATE)
        content = signing.envelope(signer, payload)
        entry = self.rekor1.add(body(signer, signing.signature(content), payload), moment)
        return signing.bundle(signer, content, [entry])

    def tiled_statement(self, signer: Signer | None = None, payload: bytes | None = None, whole=False):
        """A signed statement, in Rekor 2; `whole` uses its entries for statements."""
        signer = signer or self.signer()
        payload = payload or signing.statement(DIGEST, SIGNATURE_PREDICATE)
        content = signing.envelope(signer, payload)
        signature = signing.signature(content)
        if whole:
            body = signing.dsse2(signer, signature, payload)
        else:
            body = signing.hashedrekord2(signer, signature, signer.digest(signing.pae(payload)))
        return signing.bundle(signer, content, [self.rekor2.add(body)], [self.tsa.stamp(signature)])

    def key_message(self, key: str, content=CONTENT) -> dict:
        signer = Signer(self.keys[key])
        return signing.bundle(signer, signing.message(signer, content))

    def key_statement(self, key: str, payload: bytes | None = None) -> dict:
        signer = Signer(self.keys[key])
        return signing.bundle(signer, signing.envelope(signer, payload or signing.statement(DIGEST, SIGNATURE_PREDICATE)))

    # Cases

    def case(self, name: str, document=None, *, raw: str | None = None, layer=None, attestation=None, **options):
        """Adds a case.

        `document` is a bundle, `layer` a payload and annotations, `attestation` an envelope and annotations. The options say
        what is verified (`content`), how (`root`, `key`, `identity`, `issuer`, `requires_log`), and the result (`verifies`).
        """
        case = {"name": name, "content": CONTENT, "root": "root", "verifies": True, "requires_log": False} | options
        if "key" not in case:
            case = {"identity": EMAIL, "issuer": ISSUER} | case
        if document is not None or raw is not None:
            case["format"] = "bundle"
            case["document"] = encoded((raw or json.dumps(document)).encode())
        else:
            case["format"] = "layer" if layer else "attestation"
            content, case["annotations"] = layer or attestation
            case["document"] = encoded(content)
        case["content"] = encoded(case["content"])
        self.cases.append(case)

    def bad(self, name: str, document=None, **options):
        self.case(name, document, verifies=False, **options)
