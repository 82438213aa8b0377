"""A registry with the referrers API: `registry.py PORT UPSTREAM`.

Passes everything on to a registry without that API, and answers `/v2/NAME/referrers/DIGEST` from the manifests with a `subject` that
were pushed through it (OCI Distribution Specification 1.1).
"""

import hashlib
import http.client
import http.server
import json
import re
import sys

INDEX = "application/vnd.oci.image.index.v1+json"
REFERRERS = re.compile(r"/v2/(?P<name>.+)/referrers/(?P<digest>sha256:[0-9a-f]{64})")
MANIFEST = re.compile(r"/v2/(?P<name>.+)/manifests/[^/]+")
port, upstream = int(sys.argv[1]), sys.argv[2]
referrers: dict[tuple[str, str], list[dict]] = {}


def descriptor(body: bytes, manifest: dict) -> dict:
    described = {
        "mediaType": manifest["mediaType"],
        "digest": "sha256:" + hashlib.sha256(body).hexdigest(),
        "size": len(body),
        "artifactType": manifest.get("artifactType") or manifest["config"]["mediaType"],
    }
    return described | ({"annotations": manifest["annotations"]} if "annotations" in manifest else {})


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def respond(self, status: int, headers: list[tuple[str, str]], body: bytes):
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def handle_request(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if asked := REFERRERS.fullmatch(self.path):
            entries = referrers.get((asked["name"], asked["digest"]), [])
            index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}
            return self.respond(200, [("Content-Type", INDEX)], json.dumps(index).encode())
        connection = http.client.HTTPConnection(upstream)
        headers = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
        connection.request(self.command, self.path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        kept = [pair for pair in answer.getheaders() if pair[0].lower() not in ("content-length", "connection")]
        pushed = MANIFEST.fullmatch(self.path)
        if self.command == "PUT" and pushed and answer.status == 201:
            manifest = json.loads(body)
            if subject := manifest.get("subject"):
                referrers.setdefault((pushed["name"], subject["digest"]), []).append(descriptor(body, manifest))
                kept.append(("OCI-Subject", subject["digest"]))
        self.respond(answer.status, kept, content)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = handle_request


http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
