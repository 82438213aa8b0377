"""A Fulcio, a certificate transparency log and a timestamp authority."""

import datetime
import hashlib
import itertools

import der
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from keys import HASHES, Key, sha256

# When the world's certificates are issued and its artifacts are signed.
NOW = datetime.datetime(2026, 1, 15, 12, 0, 0, tzinfo=datetime.timezone.utc)
EMAIL = "builder@example.com"
WORKFLOW = "https://github.com/example/server/.github/workflows/release.yml@refs/heads/main"
USER = "builder!example.com"
ISSUER = "https://issuer.example.com"
CODE_SIGNING = ExtendedKeyUsageOID.CODE_SIGNING
TIME_STAMPING = ExtendedKeyUsageOID.TIME_STAMPING
serial_numbers = itertools.count(1000)


def minutes(count: float) -> datetime.timedelta:
    return datetime.timedelta(minutes=count)


# When the authorities' own certificates begin and end.
PAST = NOW - minutes(60 * 24 * 300)
FOREVER = NOW + minutes(60 * 24 * 3000)


def name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "example"), x509.NameAttribute(NameOID.COMMON_NAME, text)])


def usage(certificates: bool = False, signatures: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signatures,
        key_cert_sign=certificates,
        crl_sign=certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


class Issuer:
    """A name with a key that issues certificates."""

    def __init__(self, text: str, kind: str = "P-256"):
        self.name = name(text)
        self.key = Key(text, kind)
        self.certificate = None

    def issue(self, key, subject, extensions, start=PAST, end=FOREVER, serial=None):
        """Issues a certificate. `extensions` are pairs of an extension and whether it is critical."""
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public)
            .serial_number(serial or next(serial_numbers))
            .not_valid_before(start)
            .not_valid_after(end)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public), False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public), False)
        )
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        return builder.sign(self.key.private, HASHES[self.key.hash], ecdsa_deterministic=True)

    def issue_authority(self, authority: "Issuer", purposes, is_authority=True, path_length=0, more=(), end=FOREVER):
        extensions = [
            (x509.BasicConstraints(is_authority, path_length if is_authority else None), True),
            (usage(certificates=is_authority, signatures=not is_authority), True),
        ]
        if purposes:
            extensions.append((x509.ExtendedKeyUsage(purposes), False))
        authority.certificate = self.issue(authority.key, authority.name, extensions + list(more), end=end)


def der_of(certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


class CertificateLog:
    """A certificate transparency log (RFC 6962)."""

    def __init__(self, text: str):
        self.url = f"https://{text}.example.com"
        self.key = Key(text)
        self.identifier = sha256(self.key.spki)

    def timestamp(self, tbs: bytes, issuer_spki: bytes, moment) -> bytes:
        """A signed certificate timestamp of a precertificate."""
        time = int(moment.timestamp() * 1000).to_bytes(8, "big")
        entry = b"\0\1" + sha256(issuer_spki) + len(tbs).to_bytes(3, "big") + tbs
        signature = self.key.sign(b"\0\0" + time + entry + b"\0\0")
        return b"\0" + self.identifier + time + b"\0\0" + b"\4\3" + len(signature).to_bytes(2, "big") + signature


def timestamp_list(timestamps) -> x509.UnrecognizedExtension:
    entries = b"".join(len(entry).to_bytes(2, "big") + entry for entry in timestamps)
    return x509.UnrecognizedExtension(
        x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2"), der.octets(len(entries).to_bytes(2, "big") + entries)
    )


class Fulcio:
    """A certificate authority for short-lived certificates: a root and an intermediate."""

    def __init__(
        self,
        text: str,
        log: CertificateLog,
        intermediate_is_authority=True,
        intermediate_purposes=(CODE_SIGNING,),
        intermediate_extensions=(),
        intermediate_end=FOREVER,
    ):
        self.url = f"https://{text}.example.com"
        self.log = log
        self.root = Issuer(f"{text}-root")
        self.root.issue_authority(self.root, None, path_length=1)
        self.intermediate = Issuer(f"{text}-intermediate", "P-384")
        self.root.issue_authority(
            self.intermediate,
            intermediate_purposes,
            intermediate_is_authority,
            more=intermediate_extensions,
            end=intermediate_end,
        )
        self.chain = [self.intermediate.certificate, self.root.certificate]

    def issue(
        self,
        key: Key,
        identity: x509.GeneralName,
        *,
        issuer=ISSUER,
        issuer_v1=ISSUER,
        purposes=(CODE_SIGNING,),
        signatures=True,
        is_authority=False,
        start=NOW,
        end=NOW + minutes(10),
        by: Issuer | None = None,
        timestamps=None,
        more=(),
    ):
        """A certificate for an identity. `timestamps` makes the timestamps of the log from the precertificate."""
        by = by or self.intermediate
        extensions = [
            (usage(certificates=is_authority, signatures=signatures), True),
            (x509.SubjectAlternativeName([identity]), True),
        ]
        if purposes:
            extensions.append((x509.ExtendedKeyUsage(purposes), False))
        if is_authority:
            extensions.append((x509.BasicConstraints(True, None), True))
        if issuer_v1:
            extension = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.1"), issuer_v1.encode())
            extensions.append((extension, False))
        if issuer:
            extension = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.8"), der.text(issuer))
            extensions.append((extension, False))

        extensions += more
        serial = next(serial_numbers)
        build = lambda last: by.issue(key, x509.Name([]), extensions + last, start, end, serial)
        tbs = build([]).tbs_certificate_bytes
        entries = (timestamps or self.timestamps)(tbs, by.key.spki, start)
        return build([(timestamp_list(entries), False)] if entries is not None else [])

    def timestamps(self, tbs: bytes, issuer_spki: bytes, moment) -> list[bytes]:
        return [self.log.timestamp(tbs, issuer_spki, moment)]


def email(text: str = EMAIL) -> x509.GeneralName:
    return x509.RFC822Name(text)


def uri(text: str = WORKFLOW) -> x509.GeneralName:
    return x509.UniformResourceIdentifier(text)


def user(text: str = USER) -> x509.GeneralName:
    return x509.OtherName(x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.7"), der.text(text))


HASH_IDENTIFIERS = {
    "sha1": "1.3.14.3.2.26",
    "sha256": "2.16.840.1.101.3.4.2.1",
    "sha384": "2.16.840.1.101.3.4.2.2",
    "sha512": "2.16.840.1.101.3.4.2.3",
}
SIGNATURE_IDENTIFIERS = {"sha256": "1.2.840.10045.4.3.2", "sha384": "1.2.840.10045.4.3.3"}
TIMESTAMP_CONTENT = "1.2.840.113549.1.9.16.1.4"


class TimestampAuthority:
    """A timestamp authority (RFC 3161): a root and a certificate that signs timestamps."""

    def __init__(self, text: str, kind: str = "P-256", purposes=(TIME_STAMPING,), end=FOREVER):
        self.url = f"https://{text}.example.com"
        self.serial = itertools.count(1)
        self.root = Issuer(f"{text}-root", kind)
        self.root.issue_authority(self.root, None)
        self.key = Key(text, kind)
        extensions = [(usage(signatures=True), True)]
        if purposes:
            extensions.append((x509.ExtendedKeyUsage(purposes), True))
        self.certificate = self.root.issue(self.key, name(text), extensions, end=end)
        self.chain = [self.certificate, self.root.certificate]

    def stamp(
        self,
        message: bytes,
        moment=NOW + minutes(1),
        *,
        imprint="sha256",
        names=None,
        digest=None,
        content_type=TIMESTAMP_CONTENT,
        signer_count=1,
        signed_attributes=True,
        embeds_certificate=True,
        status=0,
    ) -> bytes:
        """A TimeStampResp. `names` is the certificate that the signed attributes name: None for the right one, False for none."""
        information = der.sequence(
            der.integer(1),
            der.identifier("1.3.6.1.4.1.57264.2"),
            der.sequence(
                der.sequence(der.identifier(HASH_IDENTIFIERS[imprint]), b"\5\0"),
                der.octets(hashlib.new(imprint, message).digest()),
            ),
            der.integer(next(self.serial)),
            der.generalized_time(moment),
        )
        hash = self.key.hash
        signers = [self.signer(information, hash, names, digest, content_type, signed_attributes) for _ in range(signer_count)]
        signed_data = der.sequence(
            der.integer(3),
            der.set_of(der.algorithm(HASH_IDENTIFIERS[hash])),
            der.sequence(der.identifier(TIMESTAMP_CONTENT), der.context(0, der.octets(information))),
            *([der.context(0, der_of(self.certificate))] if embeds_certificate else []),
            der.set_of(*signers),
        )
        token = der.sequence(der.identifier("1.2.840.113549.1.7.2"), der.context(0, signed_data))
        return der.sequence(der.sequence(der.integer(status)), token)

    def signer(self, information: bytes, hash: str, names, digest, content_type: str, signed_attributes: bool) -> bytes:
        attribute = lambda identifier, content: der.sequence(der.identifier(identifier), der.set_of(content))
        named = self.certificate if names is None else names
        content = hashlib.new(hash, information).digest() if digest is None else digest
        attributes = [
            attribute("1.2.840.113549.1.9.3", der.identifier(content_type)),
            attribute("1.2.840.113549.1.9.4", der.octets(content)),
        ]
        if named:
            certificate = der.sequence(der.sequence(der.sequence(der.octets(sha256(der_of(named))))))
            attributes.append(attribute("1.2.840.113549.1.9.16.2.47", certificate))
        signed = der.set_of(*attributes)
        return der.sequence(
            der.integer(1),
            der.sequence(self.certificate.issuer.public_bytes(), der.integer(self.certificate.serial_number)),
            der.algorithm(HASH_IDENTIFIERS[hash]),
            *([b"\xa0" + signed[1:]] if signed_attributes else []),
            der.algorithm(SIGNATURE_IDENTIFIERS[hash]),
            der.octets(self.key.sign(signed if signed_attributes else information, hash)),
        )
