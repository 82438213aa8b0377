"""Keys that are the same in every run, and what Sigstore says about them."""

import base64
import functools
import hashlib
import math

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, mldsa, padding, rsa
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


# The product of the odd numbers up to 4,000: what shares a factor with it is not prime.
SMALL = math.prod(range(3, 4_000, 2))


def prime(seed: bytes) -> int:
    """A number of 1,024 bits that is almost certainly prime, and fits the exponent 65537."""
    digest = b"".join(hashlib.sha512(seed + bytes([part])).digest() for part in range(2))
    number = int.from_bytes(digest, "big") | 3 << 1022 | 1
    while math.gcd(number, SMALL) > 1 or number % 65537 == 1 or pow(2, number - 1, number) != 1:
        number += 2
    return number


@functools.cache
def rsa_key(seed: bytes) -> rsa.RSAPrivateKey:
    p, q = prime(seed + b"p"), prime(seed + b"q")
    d = pow(65537, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(65537, p * q)
    numbers = rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public)
    return numbers.private_key()


class Key:
    """A private key of a kind: P-256, P-384, P-521, Ed25519 or RSA."""

    def __init__(self, name: str, kind: str = "P-256"):
        self.kind = kind
        self.hash = "sha256"
        seed = hashlib.sha512(name.encode()).digest()
        if kind == "Ed25519":
            self.private = ed25519.Ed25519PrivateKey.from_private_bytes(seed[:32])
        elif kind == "RSA":
            self.private = rsa_key(seed)
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


def other_forms(known: dict[str, Key]) -> dict[str, str]:
    """Keys of kinds that are not supported, and keys in other forms, as PEM."""
    made = {
        "rsa-1024": rsa.generate_private_key(65537, 1024),
        "secp256k1": ec.generate_private_key(ec.SECP256K1()),
        "ed448": ed448.Ed448PrivateKey.generate(),
        "ml-dsa-44": mldsa.MLDSA44PrivateKey.generate(),
        "ml-dsa-65": mldsa.MLDSA65PrivateKey.generate(),
        "ml-dsa-87": mldsa.MLDSA87PrivateKey.generate(),
    }
    pem = lambda key, format: key.public_bytes(Encoding.PEM, format).decode()
    forms = {name: pem(key.public_key(), PublicFormat.SubjectPublicKeyInfo) for name, key in made.items()}
    forms["rsa-pkcs1"] = pem(known["rsa"].public, PublicFormat.PKCS1)
    forms["rsa-1024-pkcs1"] = pem(made["rsa-1024"].public_key(), PublicFormat.PKCS1)
    return forms
