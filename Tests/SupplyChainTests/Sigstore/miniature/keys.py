"""Keys that are the same in every run, and what Sigstore says about them."""

import base64
import hashlib

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

HASHES = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}
PROTOBUF_HASHES = {"sha256": "SHA2_256", "sha384": "SHA2_384", "sha512": "SHA2_512"}
CURVES = {
    # The curve, its order, and the hash of its signatures.
    "P-256": (ec.SECP256R1(), 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551, "sha256"),
    "P-384": (
        ec.SECP384R1(),
        0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
        "sha384",
    ),
    # Any number below the order will do.
    "P-521": (ec.SECP521R1(), 1 << 520, "sha512"),
}
DETAILS = {
    "P-256": "PKIX_ECDSA_P256_SHA_256",
    "P-384": "PKIX_ECDSA_P384_SHA_384",
    "P-521": "PKIX_ECDSA_P521_SHA_512",
    "Ed25519": "PKIX_ED25519",
    "RSA": "PKIX_RSA_PKCS1V15_2048_SHA256",
}


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


class Key:
    """A private key of a kind: P-256, P-384, P-521, Ed25519 or RSA. RSA keys are made anew in every run."""

    def __init__(self, name: str, kind: str = "P-256", bits: int = 2048):
        self.kind = kind
        self.hash = "sha256"
        seed = hashlib.sha512(name.encode()).digest()
        if kind == "Ed25519":
            self.private = ed25519.Ed25519PrivateKey.from_private_bytes(seed[:32])
        elif kind == "RSA":
            self.private = rsa.generate_private_key(65537, bits)
        else:
            curve, order, self.hash = CURVES[kind]
            self.private = ec.derive_private_key(int.from_bytes(seed, "big") % (order - 1) + 1, curve)
        self.public = self.private.public_key()
        self.spki = self.public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.pem = self.public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        self.details = DETAILS[kind]

    def sign(self, message: bytes, hash: str | None = None) -> bytes:
        algorithm = HASHES[hash or self.hash]
        if self.kind == "Ed25519":
            return self.private.sign(message)
        if self.kind == "RSA":
            return self.private.sign(message, padding.PKCS1v15(), algorithm)
        return self.private.sign(message, ec.ECDSA(algorithm, deterministic_signing=True))
