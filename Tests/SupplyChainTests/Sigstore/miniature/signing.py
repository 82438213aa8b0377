"""Signatures, and the formats they are stored in."""

import base64
import hashlib
import json

import keys
from authorities import der_of
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from keys import encoded, sha256
from logs import canonical

STATEMENT = "application/vnd.in-toto+json"
BUNDLE_V1 = "application/vnd.dev.sigstore.bundle+json;version=0.1"
BUNDLE_V2 = "application/vnd.dev.sigstore.bundle+json;version=0.2"
BUNDLE_V3 = "application/vnd.dev.sigstore.bundle.v0.3+json"


class Signer:
    """A key, with a certificate or without one. `hash` is for tools that use another one than the key's own."""

    def __init__(self, key: keys.Key, certificate=None, hash: str | None = None):
        self.key = key
        self.certificate = certificate
        self.hash = hash or key.hash

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode() if self.certificate else self.key.pem

    def sign(self, message: bytes) -> bytes:
        return self.key.sign(message, self.hash)

    def digest(self, message: bytes) -> bytes:
        return hashlib.new(self.hash, message).digest()

    @property
    def verifier(self) -> dict:
        """As entries of Rekor 2 name it."""
        if self.certificate:
            return {"keyDetails": self.key.details, "x509Certificate": {"rawBytes": encoded(der_of(self.certificate))}}
        return {"keyDetails": self.key.details, "publicKey": {"rawBytes": encoded(self.key.spki)}}


def pae(payload: bytes, type: str = STATEMENT) -> bytes:
    return b"DSSEv1 %d %s %d %s" % (len(type), type.encode(), len(payload), payload)


def statement(digest: str, predicate_type: str, predicate=None) -> bytes:
    """An in-toto statement about the artifact with a SHA-256."""
    document = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "server", "digest": {"sha256": digest}}],
        "predicateType": predicate_type,
        "predicate": predicate or {},
    }
    return json.dumps(document).encode()


# Content of bundles


def message(signer: Signer, content: bytes) -> dict:
    digest = {"algorithm": keys.PROTOBUF_HASHES[signer.hash], "digest": encoded(signer.digest(content))}
    return {"messageSignature": {"messageDigest": digest, "signature": encoded(signer.sign(content))}}


def envelope(signer: Signer, payload: bytes, type: str = STATEMENT) -> dict:
    signatures = [{"sig": encoded(signer.sign(pae(payload, type)))}]
    return {"dsseEnvelope": {"payload": encoded(payload), "payloadType": type, "signatures": signatures}}


def signature(content: dict) -> bytes:
    if "messageSignature" in content:
        return base64.b64decode(content["messageSignature"]["signature"])
    return base64.b64decode(content["dsseEnvelope"]["signatures"][0]["sig"])


def twin(signature: bytes) -> bytes:
    """The other signature with P-256 that is as valid as this one."""
    r, s = decode_dss_signature(signature)
    return encode_dss_signature(r, keys.CURVES["P-256"][1] - s)


def payload(content: dict) -> bytes:
    return base64.b64decode(content["dsseEnvelope"]["payload"])


# Bodies of log entries


def hashedrekord1(signer: Signer, signature: bytes, digest: bytes) -> dict:
    return {
        "apiVersion": "0.0.1",
        "kind": "hashedrekord",
        "spec": {
            "data": {"hash": {"algorithm": signer.hash, "value": digest.hex()}},
            "signature": {"content": encoded(signature), "publicKey": {"content": encoded(signer.pem.encode())}},
        },
    }


def dsse1(signer: Signer, signature: bytes, payload: bytes) -> dict:
    return {
        "apiVersion": "0.0.1",
        "kind": "dsse",
        "spec": {
            "envelopeHash": {"algorithm": "sha256", "value": sha256(payload + signature).hex()},
            "payloadHash": {"algorithm": "sha256", "value": sha256(payload).hex()},
            "signatures": [{"signature": encoded(signature), "verifier": encoded(signer.pem.encode())}],
        },
    }


def intoto2(signer: Signer, signature: bytes, payload: bytes) -> dict:
    twice = encoded(encoded(signature).encode())
    signatures = [{"publicKey": encoded(signer.pem.encode()), "sig": twice}]
    return {
        "apiVersion": "0.0.2",
        "kind": "intoto",
        "spec": {
            "content": {
                "envelope": {"payloadType": STATEMENT, "signatures": signatures},
                "hash": {"algorithm": "sha256", "value": sha256(payload + signature).hex()},
                "payloadHash": {"algorithm": "sha256", "value": sha256(payload).hex()},
            }
        },
    }


def hashedrekord2(signer: Signer, signature: bytes, digest: bytes) -> dict:
    data = {"algorithm": keys.PROTOBUF_HASHES[signer.hash], "digest": encoded(digest)}
    record = {"data": data, "signature": {"content": encoded(signature), "verifier": signer.verifier}}
    return {"apiVersion": "0.0.2", "kind": "hashedrekord", "spec": {"hashedRekordV002": record}}


def dsse2(signer: Signer, signature: bytes, payload: bytes) -> dict:
    record = {
        "payloadHash": {"algorithm": "SHA2_256", "digest": encoded(sha256(payload))},
        "signatures": [{"content": encoded(signature), "verifier": signer.verifier}],
    }
    return {"apiVersion": "0.0.2", "kind": "dsse", "spec": {"dsseV002": record}}


# Whole documents


def bundle(signer: Signer, content: dict, entries=(), timestamps=(), media_type: str = BUNDLE_V3) -> dict:
    material: dict = {"publicKey": {"hint": "key"}}
    if signer.certificate:
        certificate = {"rawBytes": encoded(der_of(signer.certificate))}
        material = {"certificate": certificate}
        if media_type != BUNDLE_V3:
            material = {"x509CertificateChain": {"certificates": [certificate]}}
    material["tlogEntries"] = list(entries)
    if timestamps:
        responses = [{"signedTimestamp": encoded(response)} for response in timestamps]
        material["timestampVerificationData"] = {"rfc3161Timestamps": responses}
    return {"mediaType": media_type, "verificationMaterial": material} | content


def simple_signing(digest: str) -> bytes:
    """The payload of cosign's signatures of images."""
    document = {
        "critical": {
            "identity": {"docker-reference": "registry.example.com/team/server"},
            "image": {"docker-manifest-digest": f"sha256:{digest}"},
            "type": "cosign container image signature",
        },
        "optional": None,
    }
    return canonical(document)


def annotations(signer: Signer, signature: bytes | None, entry: dict | None = None, timestamp: bytes | None = None) -> dict:
    """The annotations of cosign's layers."""
    result = {"dev.cosignproject.cosign/signature": encoded(signature) if signature else ""}
    if signer.certificate:
        result["dev.sigstore.cosign/certificate"] = signer.pem
    if entry:
        document = {
            "SignedEntryTimestamp": entry["inclusionPromise"]["signedEntryTimestamp"],
            "Payload": {
                "body": entry["canonicalizedBody"],
                "integratedTime": int(entry["integratedTime"]),
                "logIndex": int(entry["logIndex"]),
                "logID": base64.b64decode(entry["logId"]["keyId"]).hex(),
            },
        }
        result["dev.sigstore.cosign/bundle"] = json.dumps(document)
    if timestamp:
        result["dev.sigstore.cosign/rfc3161timestamp"] = json.dumps({"SignedRFC3161Timestamp": encoded(timestamp)})
    return result


def trusted_root(fulcios, certificate_logs, logs, timestamp_authorities, **changes) -> dict:
    def period(start="2025-01-01T00:00:00Z", end=None):
        return {"start": start} | ({"end": end} if end else {})

    def authority(element):
        return {
            "subject": {"organization": "example", "commonName": "example"},
            "uri": element.url,
            "certChain": {"certificates": [{"rawBytes": encoded(der_of(certificate))} for certificate in element.chain]},
            "validFor": period(**changes.get("authorities", {})),
        }

    def log(element, times):
        return {
            "baseUrl": element.url,
            "hashAlgorithm": "SHA2_256",
            "publicKey": {
                "rawBytes": encoded(element.key.spki),
                "keyDetails": changes.get("key_details", element.key.details),
                "validFor": period(**times),
            },
            "logId": {"keyId": encoded(element.identifier)},
        }

    return {
        "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
        "tlogs": [log(element, changes.get("logs", {})) for element in logs],
        "certificateAuthorities": [authority(element) for element in fulcios],
        "ctlogs": [log(element, changes.get("certificate_logs", {})) for element in certificate_logs],
        "timestampAuthorities": [authority(element) for element in timestamp_authorities],
    }
