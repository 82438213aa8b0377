"""What must be refused. Each case is good but for the one thing that its name says."""

import base64
import functools
import json

import authorities
import good
import signing
from authorities import EMAIL, NOW, TIME_STAMPING, Fulcio, Issuer, TimestampAuthority, minutes
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from keys import Key, encoded
from logs import Rekor1
from signing import Signer
from world import CONTENT, DIGEST, OTHER_CONTENT, OTHER_DIGEST, SIGNATURE_PREDICATE, World, changed

ENTRY = ("verificationMaterial", "tlogEntries", 0)
PROOF = ENTRY + ("inclusionProof",)
STAMPS = ("verificationMaterial", "timestampVerificationData", "rfc3161Timestamps")


def pick(document, *path):
    """The value at a path."""
    return functools.reduce(lambda value, step: value[step], path, document)


def add(world: World):
    contents(world)
    identities(world)
    chains(world)
    certificate_timestamps(world)
    entries(world)
    promises_and_proofs(world)
    trusted_logs(world)
    timestamps(world)
    documents(world)
    layers(world)


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
    stamped("a timestamp without its certificate", lambda s: [world.embedding_tsa.stamp(s, embeds_certificate=False)], "embedding-tsa")
    expired = TimestampAuthority("expired-tsa", end=NOW)
    world.roots["expired-tsa"] = world.root(timestamp_authorities=[expired])
    stamped("a timestamp authority that has expired", lambda signature: [expired.stamp(signature)], "expired-tsa")
    world.roots["no-tsa"] = world.root(timestamp_authorities=[])
    stamped("no timestamp authority", lambda signature: [tsa.stamp(signature)], "no-tsa")
    stamped("a timestamp that names another certificate", lambda s: [tsa.stamp(s, names=tsa.root.certificate)])
    stamped("a timestamp that names no certificate", lambda s: [tsa.stamp(s, names=False)])
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


def twice(document, name: str) -> str:
    """JSON in which the outermost member with a name is there twice."""
    text = json.dumps(document)
    member = f"{json.dumps(name)}: "
    return text.replace(member, f"{member}{json.dumps(document.get(name))}, {member}", 1)


def documents(world: World):
    message, keyed = world.message(), world.key_message("p256")
    world.bad("the same member twice", raw=twice(message, "mediaType"))
    world.bad("the same signature twice", raw=twice(keyed, "messageSignature"), key="p256", root=None)
    escaped = json.dumps(keyed)[:-1] + ', "\\u006dessageSignature": {}}'
    world.bad("the same member twice, once with an escape", raw=escaped, key="p256", root=None)
    world.bad("text after the bundle", raw=json.dumps(message) + "{}")
    entry = message["verificationMaterial"]["tlogEntries"][0]
    world.bad("the same entry twice", changed(message, *ENTRY[:-1], to=[entry] * 2))
    many = [changed(entry, "logIndex", to=str(number)) for number in range(33)]
    world.bad("33 entries", changed(message, *ENTRY[:-1], to=many))
    world.bad("a promise that is missing in version 0.1", changed(world.message(media_type=signing.BUNDLE_V1), *ENTRY, "inclusionPromise"))
    chain = changed(world.message(media_type=signing.BUNDLE_V2), "mediaType", to=signing.BUNDLE_V3)
    world.bad("a chain in version 0.3", chain)
    both = changed(message, "verificationMaterial", "publicKey", to={"hint": "key"})
    world.bad("a certificate and a key", both)
    world.bad("a signature and an envelope", message | {"dsseEnvelope": world.statement()["dsseEnvelope"]})
    world.bad("no content", changed(message, "messageSignature"))
    world.bad("a format of version 0.4", changed(message, "mediaType", to="application/vnd.dev.sigstore.bundle.v0.4+json"))
    md5 = changed(keyed, "messageSignature", "messageDigest", "algorithm", to="MD5")
    world.bad("a digest with MD5", md5, key="p256", root=None)

    signer = Signer(world.keys["p256"])

    def enveloped(name, payload, **options):
        document = signing.bundle(signer, signing.envelope(signer, payload, **options))
        world.bad(name, document, key="p256", root=None)

    statement = json.loads(signing.statement(DIGEST, SIGNATURE_PREDICATE))
    dumped = json.dumps(statement).encode()
    enveloped("another type of payload", dumped, type="text/plain")
    enveloped("a statement that is no JSON", b"x")
    enveloped("a statement without a subject", json.dumps(changed(statement, "subject")).encode())
    enveloped("a statement with an empty list of subjects", json.dumps(statement | {"subject": []}).encode())
    enveloped("a statement with a subject without a digest", json.dumps(statement | {"subject": [{"name": "x"}]}).encode())
    enveloped("a statement without a type of predicate", json.dumps(changed(statement, "predicateType")).encode())
    enveloped("a statement of another type", json.dumps(statement | {"_type": "https://example.com"}).encode())
    enveloped("a statement with the same member twice", twice(statement, "subject").encode())
    upper = changed(statement, "subject", 0, "digest", "sha256", to=DIGEST.upper())
    enveloped("a statement with a digest in upper case", json.dumps(upper).encode())
    document = world.key_statement("p256")
    signatures = ("dsseEnvelope", "signatures")
    world.bad("an envelope without a signature", changed(document, *signatures, to=[]), key="p256", root=None)
    two = changed(document, *signatures, to=document["dsseEnvelope"]["signatures"] * 2)
    world.bad("an envelope with two signatures", two, key="p256", root=None)
    world.bad("an envelope with an empty signature", changed(document, *signatures, 0, "sig", to=""), key="p256", root=None)


def layers(world: World):
    signer = Signer(world.keys["p256"])
    other = signing.simple_signing(OTHER_DIGEST)
    made = good.layer(world, signer, other, recorded=False)
    world.bad("a layer of another image, with a key", layer=made, key="p256", root=None)
    world.bad("a layer of another image, with a certificate", layer=good.layer(world, world.signer(), other))
    payload, annotations = made
    replaced = (signing.simple_signing(DIGEST), annotations)
    world.bad("a layer with another payload", layer=replaced, key="p256", root=None)
    world.bad("a layer with another key", layer=good.layer(world, signer, recorded=False), key="other", root=None)
    world.bad("a layer without a signature", layer=(signing.simple_signing(DIGEST), {}), key="p256", root=None)

    leaf = world.signer()
    payload, annotations = good.layer(world, leaf)
    _, others = good.layer(world, leaf, other)
    # GHSA-whqx-f9j3-ch6m: the entry is real, and of another artifact, signature and key.
    _, strangers = good.layer(world, world.signer("somebody"), other)
    record = "dev.sigstore.cosign/bundle"
    swapped = lambda others: (payload, annotations | {record: others[record]})
    world.bad("a layer with the entry of another layer", layer=swapped(others))
    world.bad("a layer with the entry of another layer and signer", layer=swapped(strangers))
    keyed = good.layer(world, signer)
    stolen = (keyed[0], keyed[1] | {record: strangers[record]})
    world.bad("a layer with a key, and the entry of another layer", layer=stolen, key="p256", requires_log=True)
    world.bad("a layer without an entry", layer=(payload, changed(annotations, record)))
    unproven = json.loads(annotations[record])
    unproven["Payload"]["integratedTime"] += 1
    world.bad("a layer with a time that the promise does not bind", layer=(payload, annotations | {record: json.dumps(unproven)}))
    stamp = "dev.sigstore.cosign/rfc3161timestamp"
    broken = annotations | {stamp: json.dumps({"SignedRFC3161Timestamp": "AAAA"})}
    world.bad("a layer with a timestamp that cannot be read", layer=(payload, broken))
    late = json.dumps({"SignedRFC3161Timestamp": encoded(world.tsa.stamp(signed(annotations), NOW + minutes(11)))})
    world.bad("a layer with a timestamp after the certificate", layer=(payload, annotations | {stamp: late}))
    twice_recorded = annotations | {record: twice(json.loads(annotations[record]), "Payload")}
    world.bad("a layer with an entry with the same member twice", layer=(payload, twice_recorded))

    def written(name, text: str):
        world.bad(name, layer=good.layer(world, signer, text.encode(), recorded=False), key="p256", root=None)

    text = signing.simple_signing(DIGEST).decode()
    digest = f'"docker-manifest-digest":"sha256:{DIGEST}"'
    for name, member in (
        ("the same digest twice", "docker-manifest-digest"),
        ("a second digest in another case", "Docker-Manifest-Digest"),
        # Go takes a long s for an s, and a Kelvin sign for a k.
        ("a second digest with a long s", "docker-manife\u017ft-digest"),
        ("a second digest with a Kelvin sign", "doc\u212aer-manifest-digest"),
    ):
        written(f"a payload with {name}", text.replace(digest, f'{digest},"{member}":"sha256:{OTHER_DIGEST}"'))
    critical = json.dumps(json.loads(text)["critical"])
    written("a payload with critical in another case", text.replace('"optional"', f'"Critical":{critical},"optional"'))
    written("a payload with a second image", text.replace('"image":', '"Image":{},"image":'))
    written("a payload with a second type", text.replace('"type":', '"TYPE":"x","type":'))
    written("a payload without a digest", text.replace(digest, ""))
    written("a payload of another type", text.replace("cosign container image signature", "atomic container signature"))
    written("a payload with a digest in upper case", text.replace(DIGEST, DIGEST.upper()))
    written("a payload that is no JSON", "x")

    payload = signing.statement(OTHER_DIGEST, "https://slsa.dev/provenance/v1")
    made = good.attestation(world, signer, payload)
    world.bad("an older attestation of another image", attestation=made, key="p256", root=None)
    payload = signing.statement(DIGEST, "https://slsa.dev/provenance/v1")
    made = good.attestation(world, signer, payload)
    world.bad("an older attestation with another key", attestation=made, key="other", root=None)
    world.bad("an older attestation without an entry", attestation=good.attestation(world, world.signer(), payload))
    document, annotations = good.attestation(world, world.signer(), payload, signing.dsse1)
    _, others = good.attestation(world, world.signer("somebody"), payload, signing.dsse1)
    stolen = (document, annotations | {record: others[record]})
    world.bad("an older attestation with the entry of another one", attestation=stolen)


def signed(annotations) -> bytes:
    return base64.b64decode(annotations["dev.cosignproject.cosign/signature"])
