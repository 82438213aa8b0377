"""What must be accepted."""

import authorities
import signing
from authorities import NOW, USER, WORKFLOW, minutes
from keys import encoded
from logs import canonical
from signing import Signer
from world import CONTENT, DIGEST, World, changed


def add(world: World):
    keyless(world)
    with_keys(world)
    layers(world)
    attestations(world)


def keyless(world: World):
    world.case("an artifact, in Rekor 1", world.message())
    world.case("an artifact, in a bundle of version 0.1", world.message(media_type=signing.BUNDLE_V1))
    world.case("an artifact, in a bundle of version 0.2", world.message(media_type=signing.BUNDLE_V2))
    world.case("an artifact, in Rekor 2", world.tiled_message())
    world.case("a statement, in Rekor 1", world.statement())
    world.case("a statement, in Rekor 1 as intoto", world.statement(body=signing.intoto2))
    world.case("a statement, in Rekor 2", world.tiled_statement())
    world.case("a statement, in Rekor 2 as dsse", world.tiled_statement(whole=True))
    workflow = world.signer(identity=authorities.uri())
    world.case("a workflow", world.message(workflow), identity=WORKFLOW)
    user = world.signer(identity=authorities.user())
    world.case("a user name", world.message(user), identity=USER)
    world.case("an issuer in the older extension only", world.message(world.signer(issuer=None)))
    world.case("an issuer in the newer extension only", world.message(world.signer(issuer_v1=None)))
    at_start = world.message(moment=NOW)
    world.case("the first second of a certificate", at_start)
    world.case("the last second of a certificate", world.message(moment=NOW + minutes(10)))
    stamp = lambda signature: [world.tsa.stamp(signature, imprint="sha512")]
    world.case("a timestamp with SHA-512", world.tiled_message(timestamps=stamp))
    stamp = lambda signature: [world.embedding_tsa.stamp(signature)]
    world.case("a timestamp with its certificate", world.tiled_message(timestamps=stamp), root="embedding-tsa")
    for kind in ("P-384", "P-521", "RSA"):
        signer = world.signer(kind=kind)
        world.case(f"a certificate with a key of the kind {kind}, in Rekor 1", world.message(signer))
        world.case(f"a certificate with a key of the kind {kind}, in Rekor 2", world.tiled_message(signer))
        world.case(f"a certificate with a key of the kind {kind}, for a statement", world.tiled_statement(signer))
    signer = world.signer()
    content = signing.message(signer, CONTENT)
    signature = signing.signature(content)
    entry = world.message_entry(signer, CONTENT, signature)
    stranger = authorities.TimestampAuthority("strange-tsa").stamp(signature)
    own = world.tsa.stamp(signature)
    world.case("a timestamp that is not trusted beside a promise", signing.bundle(signer, content, [entry], [stranger]))
    tiled = world.tiled_message(signer, timestamps=lambda signature: [stranger, world.tsa.stamp(signature)])
    world.case("a timestamp that is not trusted beside one that is", tiled)
    unpromised = changed(entry, "inclusionPromise")
    world.case("an entry of Rekor 1 without a promise, with a timestamp", signing.bundle(signer, content, [unpromised], [own]))
    stamp = lambda signature: [world.tsa.stamp(signature), world.embedding_tsa.stamp(signature)]
    world.case("two timestamps", world.tiled_message(timestamps=stamp), root="both-tsas")
    signer = world.signer()
    content = signing.message(signer, b"x")
    # Both logs have recorded one signature.
    signature = signing.signature(content)
    entries = [world.message_entry(signer, b"x", signature), world.tiled_message_entry(signer, b"x", signature)]
    both = signing.bundle(signer, content, entries, [world.tsa.stamp(signature)])
    world.case("two logs", both, content=b"x")
    world.case("members that are not known", both | {"other": {"a": 1}}, content=b"x")


def with_keys(world: World):
    for name in ("p256", "p384", "p521", "rsa", "ed25519"):
        world.case(f"an artifact, with a key ({name})", world.key_message(name), key=name, root=None)
        world.case(f"a statement, with a key ({name})", world.key_statement(name), key=name, root=None)
    for name in ("p256", "p384"):
        signer = Signer(world.keys[name])
        recorded = world.message(signer)
        world.case(f"an artifact, with a key ({name}) in Rekor 1", recorded, key=name, requires_log=True)
        world.case(f"a statement, with a key ({name}) in Rekor 1", world.statement(signer), key=name, requires_log=True)
        recorded = world.tiled_message(signer)
        world.case(f"an artifact, with a key ({name}) in Rekor 2", recorded, key=name, requires_log=True)


def layer(world: World, signer: Signer, payload=None, recorded=True, timestamp=False):
    """A layer in cosign's format."""
    payload = payload or signing.simple_signing(DIGEST)
    signature = signer.sign(payload)
    entry = world.message_entry(signer, payload, signature) if recorded else None
    stamp = world.tsa.stamp(signature) if timestamp else None
    return payload, signing.annotations(signer, signature, entry, stamp)


def layers(world: World):
    for name in ("p256", "p384", "p521", "rsa", "ed25519"):
        # cosign uses SHA-256 with every key.
        signer = Signer(world.keys[name], hash="sha256")
        world.case(f"a layer, with a key ({name})", layer=layer(world, signer, recorded=False), key=name, root=None)
    recorded = layer(world, Signer(world.keys["p384"], hash="sha256"))
    world.case("a layer, with a key in Rekor 1", layer=recorded, key="p384", requires_log=True)
    world.case("a layer, with a certificate", layer=layer(world, world.signer()))
    world.case("a layer, with a certificate and a timestamp", layer=layer(world, world.signer(), timestamp=True))


def attestation(world: World, signer: Signer, payload: bytes, body=None):
    """An attestation in cosign's older format."""
    content = signing.envelope(signer, payload)
    entry = None
    if body:
        entry = world.rekor1.add(body(signer, signing.signature(content), payload), NOW + minutes(1))
    document = content["dsseEnvelope"]
    return canonical(document), signing.annotations(signer, None, entry)


def attestations(world: World):
    payload = signing.statement(DIGEST, "https://slsa.dev/provenance/v1")
    for name in ("p256", "rsa", "ed25519"):
        made = attestation(world, Signer(world.keys[name]), payload)
        world.case(f"an older attestation, with a key ({name})", attestation=made, key=name, root=None)
    for body, text in ((signing.dsse1, "dsse"), (signing.intoto2, "intoto")):
        made = attestation(world, world.signer(), payload, body)
        world.case(f"an older attestation, with a certificate ({text})", attestation=made)


def policies(world: World) -> dict:
    """Signatures and attestations of one image, by name, for the tests of policies."""
    made = {}
    for name in ("first", "second", "third", "other"):
        made[f"layer-{name}"] = layer(world, Signer(world.keys[name]), recorded=False)
    made["layer-keyless"] = layer(world, world.signer())
    documents = {name: world.key_statement(name) for name in ("first", "second", "third")}
    documents["keyless"] = world.message()
    predicates = {
        "slsa1": (
            "https://slsa.dev/provenance/v1",
            {
                "buildDefinition": {
                    "externalParameters": {"workflow": {"repository": "https://github.com/example/server"}},
                    "resolvedDependencies": [{"uri": "git+https://github.com/example/other"}],
                },
                "runDetails": {"builder": {"id": "https://builder.example.com/v1"}},
            },
        ),
        "slsa02": (
            "https://slsa.dev/provenance/v0.2",
            {
                "builder": {"id": "https://builder.example.com/v1"},
                "invocation": {"configSource": {"uri": "git+https://github.com/example/server@refs/heads/main"}},
            },
        ),
        "spdx": ("https://spdx.dev/Document", {"spdxVersion": "SPDX-2.3"}),
        "scan": (
            "https://cosign.sigstore.dev/attestation/vuln/v1",
            {"metadata": {"scanStartedOn": "2026-01-15T11:00:00Z", "scanFinishedOn": "2026-01-15T12:00:00.123456789Z"}},
        ),
        "scan-started": (
            "https://in-toto.io/attestation/vulns/v0.1",
            {"metadata": {"scanStartedOn": "2026-01-15T12:00:00+01:00"}},
        ),
        "scan-never": ("https://cosign.sigstore.dev/attestation/vuln/v1", {"scanner": {}}),
    }
    for name, (type, predicate) in predicates.items():
        documents[name] = world.key_statement("first", signing.statement(DIGEST, type, predicate))
    other = signing.statement(DIGEST, *predicates["slsa1"])
    documents["slsa-other-key"] = world.key_statement("other", other)
    return {
        "layers": {
            name: {"document": encoded(content), "annotations": annotations}
            for name, (content, annotations) in made.items()
        },
        "bundles": {name: encoded(canonical(document)) for name, document in documents.items()},
    }
