"""What must be refused. Each case is good but for the one thing that its name says."""

import base64

import authorities
import documents
import signing
from authorities import EMAIL, NOW, TIME_STAMPING, Fulcio, Issuer, TimestampAuthority, minutes
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from keys import Key, encoded
from logs import Rekor1
from signing import Signer
from world import CONTENT, DIGEST, ENTRY, OTHER_CONTENT, OTHER_DIGEST, PROOF, SIGNATURE_PREDICATE, World, changed, pick


def add(world: World):
    contents(world)
    identities(world)
    chains(world)
    certificate_timestamps(world)
    entries(world)
    promises_and_proofs(world)
    trusted_logs(world)
    timestamps(world)
    documents.add(world)


def contents(world: World):
    world.bad("another artifact, with a certificate in Rekor 1", world.message(), content=OTHER_CONTENT)
    world.bad("another artifact, with a certificate in Rekor 2", world.tiled_message(), content=OTHER_CONTENT)
    keyed = world.key_message("p256")
    world.bad("another artifact, with a key", keyed, key="p256", root=None, content=OTHER_CONTENT)
    unnamed = changed(keyed, "messageSignature", "messageDigest")
    world.bad("another artifact, with a key and no digest", unnamed, key="p256", root=None, content=OTHER_CONTENT)
    world.bad("another key", unnamed, key="other", root=None)
    world.bad("another key of another kind", unnamed, key="rsa", root=None)
    world.bad("a key instead of a certificate", world.message(), key="p256", root=None)
    world.bad("a certificate instead of a key", keyed)
    wrong = world.key_statement("p256", signing.statement(OTHER_DIGEST, SIGNATURE_PREDICATE))
    world.bad("a statement about another artifact, with a key", wrong, key="p256", root=None)
    wrong = world.statement(payload=signing.statement(OTHER_DIGEST, SIGNATURE_PREDICATE))
    world.bad("a statement about another artifact, with a certificate", wrong)
    statement = world.key_statement("p256", signing.statement(OTHER_DIGEST, SIGNATURE_PREDICATE))
    payload = encoded(signing.statement(DIGEST, SIGNATURE_PREDICATE))
    tampered = changed(statement, "dsseEnvelope", "payload", to=payload)
    world.bad("a statement that was changed, with a key", tampered, key="p256", root=None)
    statement = world.statement(payload=signing.statement(OTHER_DIGEST, SIGNATURE_PREDICATE))
    tampered = changed(statement, "dsseEnvelope", "payload", to=payload)
    world.bad("a statement that was changed, with a certificate", tampered)
    shortened = changed(keyed, "messageSignature", "signature", to=encoded(b"\x30\x06\x02\x01\x00\x02\x01\x00"))
    world.bad("a signature of zeros", shortened, key="p256", root=None)
    world.bad("a log is required", keyed, key="p256", requires_log=True)


def identities(world: World):
    world.bad("another identity", world.message(), identity="somebody@example.com")
    world.bad("another issuer", world.message(), issuer="https://other.example.com")
    forged = world.signer(issuer="https://other.example.com")
    world.bad("another issuer in the newer extension", world.message(forged))
    world.bad("no issuer", world.message(world.signer(issuer=None, issuer_v1=None)))
    part = world.signer(identity=authorities.email("the-" + EMAIL))
    world.bad("an identity that ends with the expected one", world.message(part))


def chains(world: World):
    early = NOW - minutes(1)
    world.bad("a signature before the certificate", world.message(moment=early))
    world.bad("a signature after the certificate", world.message(moment=NOW + minutes(11)))
    stamp = lambda signature: [world.tsa.stamp(signature, NOW + minutes(11))]
    world.bad("a timestamp after the certificate", world.tiled_message(timestamps=stamp))
    stamp = lambda signature: [world.tsa.stamp(signature), world.tsa.stamp(signature, NOW + minutes(11))]
    world.bad("one of two timestamps after the certificate", world.tiled_message(timestamps=stamp))

    unknown = Fulcio("unknown", world.certificate_log)
    world.bad("an authority that is not trusted", world.message(world.signer(fulcio=unknown)))
    # It has the name of an authority that is trusted, and another key.
    impostor = Issuer("impostor")
    impostor.name = world.fulcio.intermediate.name
    world.bad("an issuer with a name that is trusted", world.message(world.signer(by=impostor)))
    leaf = world.signer("issuing-leaf")
    issuer = Issuer("issuing-leaf")
    issuer.name, issuer.key = authorities.name("issuing-leaf"), leaf.key
    world.bad("a certificate issued by a signer", world.message(world.signer(by=issuer)))
    chained = world.message(world.signer(by=issuer), media_type=signing.BUNDLE_V2)
    chained["verificationMaterial"]["x509CertificateChain"]["certificates"].append(
        {"rawBytes": encoded(authorities.der_of(leaf.certificate))}
    )
    world.bad("a certificate issued by a signer, whose certificate is in the bundle", chained)

    plain = Fulcio("plain", world.certificate_log, intermediate_is_authority=False)
    world.roots["plain"] = world.root(fulcios=[plain])
    world.bad("an intermediate that is no authority", world.message(world.signer(fulcio=plain)), root="plain")
    purpose = [ExtendedKeyUsageOID.SERVER_AUTH]
    limited = Fulcio("limited", world.certificate_log, intermediate_purposes=purpose)
    world.roots["limited"] = world.root(fulcios=[limited])
    world.bad("an intermediate for another purpose", world.message(world.signer(fulcio=limited)), root="limited")
    constraint = x509.NameConstraints([x509.RFC822Name("other.example")], None)
    narrow = Fulcio("narrow", world.certificate_log, intermediate_extensions=[(constraint, True)])
    world.roots["narrow"] = world.root(fulcios=[narrow])
    world.bad("an identity that the intermediate must not certify", world.message(world.signer(fulcio=narrow)), root="narrow")
    old = Fulcio("old", world.certificate_log, intermediate_end=NOW)
    world.roots["old"] = world.root(fulcios=[old])
    world.bad("an intermediate that has expired", world.message(world.signer(fulcio=old)), root="old")
    strange = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.57264.9.9"), b"\5\0")
    critical = world.signer(more=[(strange, True)])
    world.bad("a certificate with a critical extension that is not known", world.message(critical))
    world.bad("a certificate for another purpose", world.message(world.signer(purposes=purpose)))
    anything = [ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE]
    world.bad("a certificate for any purpose", world.message(world.signer(purposes=anything)))
    world.bad("a certificate without a purpose", world.message(world.signer(purposes=())))
    world.bad("a certificate without signatures", world.message(world.signer(signatures=False)))
    world.bad("a certificate of an authority", world.message(world.signer(is_authority=True)))

    world.roots["expired-authority"] = world.root(authorities={"end": "2026-01-15T12:00:59Z"})
    world.bad("an authority that was not trusted any more", world.message(), root="expired-authority")
    world.bad("no trusted root", world.message(), root=None)


def certificate_timestamps(world: World):
    log = world.certificate_log
    world.bad("no timestamp of a certificate log", world.message(world.signer(timestamps=lambda *_: None)))
    world.bad("an empty list of timestamps of certificate logs", world.message(world.signer(timestamps=lambda *_: [])))
    other = authorities.CertificateLog("other-ct")
    unknown = lambda tbs, spki, moment: [other.timestamp(tbs, spki, moment)]
    world.bad("a certificate log that is not trusted", world.message(world.signer(timestamps=unknown)))
    other.identifier = log.identifier
    world.bad("the name of a trusted certificate log", world.message(world.signer(timestamps=unknown)))
    another = lambda tbs, spki, moment: [log.timestamp(tbs[:-1] + b"\0", spki, moment)]
    world.bad("a timestamp of another certificate", world.message(world.signer(timestamps=another)))
    another = lambda tbs, spki, moment: [log.timestamp(tbs, world.fulcio.root.key.spki, moment)]
    world.bad("a timestamp of a certificate of another issuer", world.message(world.signer(timestamps=another)))
    expired = world.root()
    expired["ctlogs"][0]["publicKey"]["validFor"]["end"] = "2026-01-15T11:59:59Z"
    world.roots["expired-certificate-log"] = expired
    world.bad("a certificate log that was not trusted any more", world.message(), root="expired-certificate-log")
    short = lambda tbs, spki, moment: [log.timestamp(tbs, spki, moment)[:-1]]
    world.bad("a timestamp of a certificate log that ends too early", world.message(world.signer(timestamps=short)))
    many = lambda tbs, spki, moment: [log.timestamp(tbs, spki, moment) for _ in range(9)]
    world.bad("nine timestamps of certificate logs", world.message(world.signer(timestamps=many)))


def entries(world: World):
    signer = world.signer()
    for text, make in (("Rekor 1", world.message), ("Rekor 2", world.tiled_message)):
        # CVE-2022-36056: the entry is real, and about something else.
        entry = make(signer, OTHER_CONTENT)["verificationMaterial"]["tlogEntries"][0]
        world.bad(f"an entry of another artifact in {text}", changed(make(signer), *ENTRY, to=entry))
        entry = make(world.signer("somebody"))["verificationMaterial"]["tlogEntries"][0]
        world.bad(f"an entry of another signer in {text}", changed(make(signer), *ENTRY, to=entry))
        # The same key in another certificate.
        entry = make(world.signer())["verificationMaterial"]["tlogEntries"][0]
        world.bad(f"an entry of another certificate in {text}", changed(make(signer), *ENTRY, to=entry))
    for text, make in (("Rekor 1", world.statement), ("Rekor 2", world.tiled_statement)):
        other = make(signer, signing.statement(OTHER_DIGEST, SIGNATURE_PREDICATE))
        entry = other["verificationMaterial"]["tlogEntries"][0]
        world.bad(f"an entry of another statement in {text}", changed(make(signer), *ENTRY, to=entry))
    # The same signer, certificate and artifact.
    signed = signing.message(signer, CONTENT)
    other = signing.twin(signing.signature(signed))
    entry = world.message_entry(signer, CONTENT, other)
    world.bad("an entry of another signature in Rekor 1", signing.bundle(signer, signed, [entry]))
    entry = world.tiled_message_entry(signer, CONTENT, other)
    stamp = world.tsa.stamp(signing.signature(signed))
    world.bad("an entry of another signature in Rekor 2", signing.bundle(signer, signed, [entry], [stamp]))
    entry = world.message(signer)["verificationMaterial"]["tlogEntries"][0]
    world.bad("an entry of an artifact for a statement", changed(world.statement(signer), *ENTRY, to=entry))
    signer = Signer(world.keys["p256"])
    for text, make in (("Rekor 1", world.message), ("Rekor 2", world.tiled_message)):
        entry = make(Signer(world.keys["other"]))["verificationMaterial"]["tlogEntries"][0]
        document = changed(make(signer), *ENTRY, to=entry)
        world.bad(f"an entry of another key in {text}", document, key="p256", requires_log=True)
    kind = ENTRY + ("kindVersion", "version")
    world.bad("an entry that the bundle calls by another version", changed(world.tiled_message(), *kind, to="0.0.1"))
    body = {"apiVersion": "0.0.1", "kind": "rpm", "spec": {}}
    unknown = changed(world.message(), *ENTRY, to=world.rekor1.add(body, NOW + minutes(1)))
    world.bad("an entry of an unknown kind", unknown)


def promises_and_proofs(world: World):
    signer = world.signer()
    document = world.message(signer)
    other = world.message(signer, OTHER_CONTENT)
    promise = ENTRY + ("inclusionPromise", "signedEntryTimestamp")
    world.bad("the promise of another entry", changed(document, *promise, to=pick(other, *promise)))
    time = ENTRY + ("integratedTime",)
    later = str(int((NOW + minutes(2)).timestamp()))
    world.bad("a time that the promise does not bind", changed(document, *time, to=later))
    world.bad("a promise without a time", changed(world_with_timestamp(world), *time))
    world.bad("an index that the promise does not bind", changed(document, *ENTRY, "logIndex", to="7"))
    world.bad("a time without a promise", changed(document, *ENTRY, "inclusionPromise"))
    tiled = world.tiled_message(signer)
    untimed = changed(tiled, "verificationMaterial", "timestampVerificationData")
    world.bad("no time", untimed)
    # Rekor 2 promises nothing, whatever a bundle says.
    forged = changed(untimed, *time, to=later)
    forged = changed(forged, *ENTRY, "inclusionPromise", to={"signedEntryTimestamp": encoded(b"promise")})
    world.bad("a time of Rekor 2", forged)

    world.bad("no entry", changed(document, "verificationMaterial", "tlogEntries", to=[]))
    world.bad("no proof", changed(tiled, *PROOF))
    world.bad("a proof without a checkpoint", changed(tiled, *PROOF, "checkpoint"))
    world.bad("the proof of another entry", changed(document, *PROOF, to=pick(other, *PROOF)))
    hashes = pick(document, *PROOF, "hashes")
    world.bad("a proof with its hashes in another order", changed(document, *PROOF, "hashes", to=hashes[::-1]))
    world.bad("a proof that is too short", changed(document, *PROOF, "hashes", to=hashes[:-1]))
    world.bad("a proof that is too long", changed(document, *PROOF, "hashes", to=hashes + hashes[:1]))
    larger = str(4 * int(pick(document, *PROOF, "treeSize")))
    world.bad("a proof of a larger tree", changed(document, *PROOF, "treeSize", to=larger))
    world.bad("a proof with another index", changed(document, *PROOF, "logIndex", to="0"))
    checkpoint = PROOF + ("checkpoint", "envelope")
    world.bad("the checkpoint of another tree", changed(document, *checkpoint, to=pick(other, *checkpoint)))
    tile = pick(tiled, *checkpoint)
    world.bad("the checkpoint of another log", changed(document, *checkpoint, to=tile))
    fake = Rekor1("rekor")
    fake.key = Key("fake")
    proof = pick(document, *PROOF)
    size, root = int(proof["treeSize"]), base64.b64decode(proof["rootHash"])
    world.bad("a checkpoint with another key", changed(document, *checkpoint, to=fake.checkpoint(size, root)))
    world.bad("a checkpoint with another origin", changed(tiled, *checkpoint, to="x" + tile))
    witnessed = tile.split("\n\n")[0] + "\n\n" + tile.splitlines()[-1] + "\n"
    renamed = tile.replace(f"\u2014 {world.rekor2.host}", "\u2014 other.example.com")
    world.bad("a checkpoint signed in another name", changed(tiled, *checkpoint, to=renamed))
    world.bad("a checkpoint that only a witness signed", changed(tiled, *checkpoint, to=witnessed))


def world_with_timestamp(world: World):
    """An artifact in Rekor 1, with a timestamp too."""
    signer = world.signer()
    content = signing.message(signer, CONTENT)
    signature = signing.signature(content)
    return signing.bundle(signer, content, [world.message_entry(signer, CONTENT, signature)], [world.tsa.stamp(signature)])


def trusted_logs(world: World):
    world.roots["other-log"] = world.root(logs=[Rekor1("another")])
    world.bad("a log that is not trusted", world.message(), root="other-log")
    world.roots["expired-log"] = world.root(logs=[world.rekor1, world.rekor2])
    for log in world.roots["expired-log"]["tlogs"]:
        log["publicKey"]["validFor"]["end"] = "2026-01-15T12:00:59Z"
    world.bad("a log that was not trusted any more", world.message(), root="expired-log")
    world.bad("a log of tiles that was not trusted any more", world.tiled_message(), root="expired-log")
    for details in ("PKIX_ED25519_PH", "ML_DSA_65", "PKIX_ECDSA_P256_HMAC_SHA_256"):
        root = world.root()
        root["tlogs"][1]["publicKey"]["keyDetails"] = details
        world.roots[details] = root
        world.bad(f"a log with a key of the kind {details}", world.tiled_message(), root=details)


def timestamps(world: World):
    def stamped(name: str, stamp, root: str = "root"):
        world.bad(name, world.tiled_message(timestamps=stamp), root=root)

    tsa = world.tsa
    stamped("a timestamp of another signature", lambda signature: [tsa.stamp(signature + b"x")])
    other = TimestampAuthority("other-tsa")
    stamped("a timestamp authority that is not trusted", lambda signature: [other.stamp(signature)])
    # The authority's name and number, with another key.
    fake = TimestampAuthority("tsa")
    fake.certificate, fake.key = tsa.certificate, Key("fake")
    stamped("a timestamp with the name of a trusted authority", lambda signature: [fake.stamp(signature)])
    for name, purposes in (("without a purpose", ()), ("for another purpose", (ExtendedKeyUsageOID.CODE_SIGNING,))):
        wrong = TimestampAuthority("wrong-tsa", purposes=purposes)
        world.roots[f"tsa-{name}"] = world.root(timestamp_authorities=[wrong])
        stamped(f"a timestamp authority {name}", lambda signature: [wrong.stamp(signature)], f"tsa-{name}")
    forged = TimestampAuthority("tsa-embedding", "P-384")
    forged.root.key = forged.key = Key("forged", "P-384")
    purpose = [(x509.ExtendedKeyUsage([TIME_STAMPING]), True)]
    forged.certificate = forged.root.issue(forged.key, forged.certificate.subject, purpose)
    stamped("a timestamp with a certificate that is not trusted", lambda s: [forged.stamp(s)], "embedding-tsa")
    misused = TimestampAuthority("tsa-embedding", "P-384", purposes=())
    misused.certificate = world.embedding_tsa.root.issue(misused.key, misused.certificate.subject, [])
    stamped("a timestamp with a certificate for nothing", lambda s: [misused.stamp(s)], "embedding-tsa")
    bare = lambda s: [world.embedding_tsa.stamp(s, embeds_certificate=False)]
    stamped("a timestamp without its certificate", bare, "embedding-tsa")
    expired = TimestampAuthority("expired-tsa", end=NOW)
    world.roots["expired-tsa"] = world.root(timestamp_authorities=[expired])
    stamped("a timestamp authority that has expired", lambda signature: [expired.stamp(signature)], "expired-tsa")
    ended = world.root()
    ended["timestampAuthorities"][0]["validFor"]["end"] = "2026-01-15T12:00:59Z"
    world.roots["ended-tsa"] = ended
    stamped("a timestamp authority that was not trusted any more", lambda s: [tsa.stamp(s)], "ended-tsa")
    world.roots["no-tsa"] = world.root(timestamp_authorities=[])
    stamped("no timestamp authority", lambda signature: [tsa.stamp(signature)], "no-tsa")
    stamped("a timestamp that names another certificate", lambda s: [tsa.stamp(s, names=tsa.root.certificate)])
    stamped("a timestamp that names no certificate", lambda s: [tsa.stamp(s, names=False)])
    stamped("a timestamp that is signed as other data", lambda s: [tsa.stamp(s, content_type="1.2.840.113549.1.7.1")])
    stamped("a timestamp with two signers", lambda s: [tsa.stamp(s, signer_count=2)])
    stamped("a timestamp without a signer", lambda s: [tsa.stamp(s, signer_count=0)])
    stamped("a timestamp without signed attributes", lambda s: [tsa.stamp(s, signed_attributes=False)])
    stamped("a timestamp with SHA-1", lambda s: [tsa.stamp(s, imprint="sha1")])
    stamped("a timestamp with another content than it signs", lambda s: [tsa.stamp(s, digest=b"x" * 32)])
    stamped("a timestamp that was refused", lambda s: [tsa.stamp(s, status=2)])
    stamped("a timestamp that ends too early", lambda s: [tsa.stamp(s)[:-1]])
    stamped("a timestamp with more after it", lambda s: [tsa.stamp(s) + b"\0"])
    stamped("a timestamp that is too large", lambda s: [tsa.stamp(s) + b"\0" * 65_536])
    stamped("the same timestamp twice", lambda s: [tsa.stamp(s)] * 2)
    stamped("33 timestamps", lambda s: [tsa.stamp(s) for _ in range(33)])
