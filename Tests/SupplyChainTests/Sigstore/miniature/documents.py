"""What must be refused because of how it is written: bundles, statements, and cosign's older formats."""

import base64
import json

import good
import signing
from authorities import NOW, minutes
from keys import encoded
from signing import Signer
from world import DIGEST, ENTRY, OTHER_DIGEST, SIGNATURE_PREDICATE, World, changed


def add(world: World):
    bundles(world)
    layers(world)


def twice(document, name: str) -> str:
    """JSON in which the outermost member with a name is there twice."""
    text = json.dumps(document)
    member = f"{json.dumps(name)}: "
    return text.replace(member, f"{member}{json.dumps(document.get(name))}, {member}", 1)


def bundles(world: World):
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
    first = world.message(media_type=signing.BUNDLE_V1)
    world.bad("a promise that is missing in version 0.1", changed(first, *ENTRY, "inclusionPromise"))
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
