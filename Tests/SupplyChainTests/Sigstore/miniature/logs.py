"""Rekor, versions 1 and 2."""

import json

from keys import Key, encoded, sha256


def canonical(document) -> bytes:
    """Canonical JSON (RFC 8785) of a document of ASCII text and integers."""
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


class Tree:
    """A Merkle tree (RFC 6962, section 2)."""

    def __init__(self):
        self.leaves: list[bytes] = []
        self.known: dict[tuple[int, int], bytes] = {}

    def hash(self, start: int, end: int) -> bytes:
        if (start, end) not in self.known:
            if end - start == 1:
                self.known[start, end] = sha256(b"\0" + self.leaves[start])
            else:
                middle = self.middle(start, end)
                self.known[start, end] = sha256(b"\1" + self.hash(start, middle) + self.hash(middle, end))
        return self.known[start, end]

    def path(self, index: int, start: int, end: int) -> list[bytes]:
        if end - start == 1:
            return []
        middle = self.middle(start, end)
        if index < middle:
            return self.path(index, start, middle) + [self.hash(middle, end)]
        return self.path(index, middle, end) + [self.hash(start, middle)]

    @staticmethod
    def middle(start: int, end: int) -> int:
        """The largest power of two that is smaller than the number of leaves."""
        return start + (1 << ((end - start - 1).bit_length() - 1))


class Log:
    """What both versions of Rekor have in common."""

    first_index = 0

    def __init__(self, text: str, kind: str):
        self.host = f"{text}.example.com"
        self.url = f"https://{self.host}"
        self.key = Key(text, kind)
        self.tree = Tree()
        for number in range(5):
            self.tree.leaves.append(canonical({"kind": "other", "number": number}))

    def checkpoint(self, size: int, root: bytes) -> str:
        note = f"{self.origin}\n{size}\n{encoded(root)}\n"
        signature = encoded(self.identifier[:4] + self.key.sign(note.encode()))
        return f"{note}\n\u2014 {self.host} {signature}\n"

    def proof(self, body: bytes) -> tuple[int, dict]:
        """Adds an entry, and some of others after it. Returns its index and the proof of it."""
        leaves = self.tree.leaves
        index = len(leaves)
        leaves.append(body)
        for number in range(index % 3):
            leaves.append(canonical({"kind": "other", "number": [index, number]}))
        size = len(leaves)
        root = self.tree.hash(0, size)
        return index, {
            "logIndex": str(index),
            "rootHash": encoded(root),
            "treeSize": str(size),
            "hashes": [encoded(hash) for hash in self.tree.path(index, 0, size)],
            "checkpoint": {"envelope": self.checkpoint(size, root)},
        }

    def entry(self, body) -> dict:
        index, proof = self.proof(canonical(body))
        return {
            "logIndex": str(index + self.first_index),
            "logId": {"keyId": encoded(self.identifier)},
            "kindVersion": {"kind": body["kind"], "version": body["apiVersion"]},
            "inclusionProof": proof,
            "canonicalizedBody": encoded(canonical(body)),
        }


class Rekor1(Log):
    """A log that promises to add an entry, with a time, and has a tree for each of its shards."""

    first_index = 1_000_000

    def __init__(self, text: str, kind: str = "P-256"):
        super().__init__(text, kind)
        self.identifier = sha256(self.key.spki)
        self.origin = f"{self.host} - 42"

    def promise(self, body: bytes, time: int, index: int) -> bytes:
        """The signed entry timestamp."""
        message = {"body": encoded(body), "integratedTime": time, "logID": self.identifier.hex(), "logIndex": index}
        return self.key.sign(canonical(message))

    def add(self, body, moment) -> dict:
        entry = self.entry(body)
        time = int(moment.timestamp())
        promise = self.promise(canonical(body), time, int(entry["logIndex"]))
        return entry | {
            "integratedTime": str(time),
            "inclusionPromise": {"signedEntryTimestamp": encoded(promise)},
        }


class Rekor2(Log):
    """A log of tiles: its checkpoints are signed notes (C2SP), also by a witness, and it tells no times."""

    def __init__(self, text: str):
        super().__init__(text, "Ed25519")
        self.origin = self.host
        self.witness = Key(f"{text}-witness", "Ed25519")
        self.identifier = sha256(self.host.encode() + b"\n\1" + self.key.spki[-32:])

    def checkpoint(self, size: int, root: bytes) -> str:
        note = super().checkpoint(size, root)
        signature = encoded(sha256(b"witness")[:4] + self.witness.sign(b"a cosignature"))
        return f"{note}\u2014 witness.example.com {signature}\n"

    def add(self, body, moment=None) -> dict:
        return self.entry(body)
