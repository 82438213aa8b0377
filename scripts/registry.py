"""What the scripts share: writing to a registry, and failing with a reason.

The requests are those of https://github.com/opencontainers/distribution-spec, without a login.
"""
import hashlib
import re
import subprocess
import urllib.error
import urllib.parse
import urllib.request

OCI = "application/vnd.oci.image."
MANIFEST = f"{OCI}manifest.v1+json"


class Failure(Exception):
    """Why something cannot be done, with a solution."""


def run(*command):
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout
    except FileNotFoundError:
        raise Failure(f"{command[0]} is required, but not installed") from None
    except subprocess.CalledProcessError as error:
        raise Failure(f"`{' '.join(command)}` failed: {(error.stderr or error.stdout).strip()}") from None


def digest_of(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


class Repository:
    """A repository of a registry, such as `registry.example/team/server`."""

    def __init__(self, name, plain):
        self.name = name
        host, _, path = name.partition("/")
        if not re.fullmatch(r"[^/\s]+", host) or not re.fullmatch(r"[^:@\s]+", path):
            raise Failure(f"{name!r} is not of the form HOST/REPOSITORY")
        self.base = f"{'http' if plain else 'https'}://{host}/v2/{path}"

    def manifest(self, reference):
        """The bytes of a manifest; None if there is none."""
        response = request("GET", f"{self.base}/manifests/{reference}", accept=MANIFEST, missing_is_fine=True)
        return response and response.read()

    def push(self, reference, manifest, blobs):
        """Pushes every missing blob, then the manifest."""
        for content in blobs:
            digest = digest_of(content)
            if request("HEAD", f"{self.base}/blobs/{digest}", missing_is_fine=True):
                continue
            upload = urllib.parse.urljoin(self.base, request("POST", f"{self.base}/blobs/uploads/").headers["Location"])
            separator = "&" if "?" in upload else "?"
            request("PUT", f"{upload}{separator}digest={digest}", content, "application/octet-stream")
        request("PUT", f"{self.base}/manifests/{reference}", manifest, MANIFEST)


def request(method, url, body=None, kind=None, accept=None, missing_is_fine=False):
    headers = {name: value for name, value in (("Content-Type", kind), ("Accept", accept)) if value}
    if method == "POST":
        body = b""
    try:
        return urllib.request.urlopen(urllib.request.Request(url, body, headers, method=method), timeout=60)
    except urllib.error.HTTPError as error:
        if error.code == 404 and missing_is_fine:
            return None
        text = error.read(1000).decode(errors="replace").strip()
        raise Failure(f"{method} {url} failed with {error.code} {error.reason}: {text}") from None
    except OSError as error:
        hint = "" if url.startswith("https:") else " (it was asked without TLS, as by --plain-http)"
        raise Failure(f"{method} {url} failed: {error}{hint}") from None
