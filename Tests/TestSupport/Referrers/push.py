"""Pushes a Sigstore bundle about an image with the client of the project ORAS: `push.py IMAGE MANIFEST BUNDLE`."""

import json
import pathlib
import sys

import oras.client
import oras.oci

BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
image, manifest, bundle = sys.argv[1], *(pathlib.Path(argument) for argument in sys.argv[2:])
empty = bundle.with_name("empty.json")
empty.write_text("{}")
described = json.loads(manifest.read_bytes())
subject = oras.oci.Subject(described["mediaType"], image.partition("@")[2], manifest.stat().st_size)
answer = oras.client.OrasClient(insecure=True).push(
    target=image.partition("@")[0] + ":signature",
    files=[f"{bundle}:{BUNDLE}"],
    manifest_config=f"{empty}:{BUNDLE}",
    subject=subject,
    disable_path_validation=True,
    quiet=True,
)
print(answer.headers.get("OCI-Subject", ""))
