"""Verifies an export of the gateway's audit log, offline. One file, the standard library only, Python 3.9 or newer.

    python verify.py EXPORT.zip VKEY [--call ID] [--checkpoint FILE]...

VKEY is the log's verifier key, noted when you had reason to trust it. Exit status: 0 verified, 1 not verified (the first
thing wrong is named), 2 wrong usage. `--call` says where a call's entries stand; `--checkpoint` names a signed checkpoint that
you kept: the log must be a continuation of it, and with two of them the later one a continuation of the earlier.

Formats: Merkle trees of RFC 6962 (2.1) with the proofs of RFC 9162 (2.1.3, 2.1.4), signed notes (c2sp.org/signed-note),
checkpoints (c2sp.org/tlog-checkpoint), proofs of inclusion (c2sp.org/tlog-proof), Ed25519 of RFC 8032. The gateway's own
`gateway audit verify` runs the same checks from this file.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import hmac
import io
import json
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

try:
    import lzma
except ImportError:  # a Python that was built without it cannot read such archives either
    _PACKED_BADLY: tuple[type[Exception], ...] = (zlib.error,)
else:
    _PACKED_BADLY = (zlib.error, lzma.LZMAError)

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
LEAF_FORMAT = b"21:gateway-audit-leaf/v1,"
PROOF_FORMAT = "c2sp.org/tlog-proof@v1"
HANDOVER = "next-key "
ED25519 = b"\x01"

Proof = Sequence[bytes]
Verify = Callable[[bytes, bytes, bytes], bool]
"""Public key, message, signature: whether it is valid."""


class NotVerified(Exception):
    """What was found wrong first, in words that name it."""


# Merkle trees


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def completed(peaks: tuple[bytes, ...], size: int, leaf: bytes) -> list[bytes]:
    """The roots of the perfect subtrees that end with this leaf, put behind `size` others with these peaks; itself first."""
    nodes, level = [leaf], 0
    while size >> level & 1:
        nodes.append(node_hash(peaks[-1 - level], nodes[-1]))
        level += 1
    return nodes


def grown(peaks: tuple[bytes, ...], nodes: Sequence[bytes]) -> tuple[bytes, ...]:
    """The peaks after a leaf that completed these nodes: the last of them takes the place of those it was made of."""
    return (*peaks[: len(peaks) - len(nodes) + 1], nodes[-1])


def root_of(peaks: tuple[bytes, ...]) -> bytes:
    """The root of a tree, of the roots of its perfect subtrees, largest first."""
    if not peaks:
        return EMPTY_ROOT
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node_hash(peak, root)
    return root


def verify_inclusion(index: int, size: int, leaf: bytes, root: bytes, proof: Proof) -> bool:
    """RFC 9162, 2.1.3.2."""
    if not 0 <= index < size or not _hashes(leaf, root, *proof):
        return False
    at, last, made = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            made = node_hash(sibling, made)
            at, last = _past_left_edge(at, last)
        else:
            made = node_hash(made, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and made == root


def verify_consistency(first: int, second: int, first_root: bytes, second_root: bytes, proof: Proof) -> bool:
    """RFC 9162, 2.1.4.2; a tree is consistent with itself and with the empty tree, by an empty proof."""
    if not 0 <= first <= second or not _hashes(first_root, second_root, *proof):
        return False
    if first == second:
        return not proof and first_root == second_root
    if first == 0:
        return not proof and first_root == EMPTY_ROOT
    return _consistent(first, second, first_root, second_root, proof)


def _consistent(first: int, second: int, first_root: bytes, second_root: bytes, proof: Proof) -> bool:
    path = list(proof) if first & (first - 1) else [first_root, *proof]
    if not path:
        return False
    at, last = first - 1, second - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            at, last = _past_left_edge(at, last)
        else:
            new = node_hash(new, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


def _past_left_edge(at: int, last: int) -> tuple[int, int]:
    """Skip the levels at which the right edge has no sibling."""
    while not at & 1 and at:
        at, last = at >> 1, last >> 1
    return at, last


def _hashes(*hashes: bytes) -> bool:
    return all(len(one) == HASH_BYTES for one in hashes)


# Entries and their leaves


@dataclass(frozen=True)
class Row:
    """An entry and its leaf, as they are stored; `body` and `salt` are both None where the content was erased."""

    index: int
    seq: int
    kind: str
    phase: str
    at: str
    call_id: str
    body: str | None
    salt: bytes | None
    commitment: bytes

    @property
    def name(self) -> str:
        return printable(f"leaf {self.index} (seq {self.seq}, call {self.call_id}, {self.phase})")


def commit(salt: bytes, body: bytes) -> bytes:
    """HMAC-SHA256 under a random salt of 32 bytes: without the salt it says nothing about the body."""
    return hmac.digest(salt, body, "sha256")


def printable(text: str) -> str:
    """What a forger wrote shall not steer the terminal of whoever reads about it."""
    return "".join(one if one.isprintable() else "?" for one in text)


def utf8(text: str) -> bytes:
    """Text that is not Unicode, which only a forger writes, becomes bytes that no entry has."""
    return text.encode("utf-8", "surrogatepass")


def leaf_data(seq: int, kind: str, phase: str, at: str, call_id: str, commitment: bytes) -> bytes:
    """Seven netstrings (cr.yp.to/proto/netstrings.txt): each says its length, so no two entries have the same bytes."""
    a, b, c, d, e = b"%d" % seq, utf8(kind), utf8(phase), utf8(at), utf8(call_id)
    words = (len(a), a, len(b), b, len(c), c, len(d), d, len(e), e, len(commitment), commitment)
    return LEAF_FORMAT + b"%d:%b,%d:%b,%d:%b,%d:%b,%d:%b,%d:%b," % words


def checked_leaf(row: Row, index: int) -> bytes:
    """The leaf hash, made anew from the entry. Raises NotVerified."""
    if row.index != index:
        raise NotVerified(f"leaf {index} is missing or out of order: {row.name} stands in its place")
    if (row.body is None) != (row.salt is None):
        raise NotVerified(f"{row.name}: body and salt were not erased together")
    if row.body is not None and row.salt is not None and commit(row.salt, utf8(row.body)) != row.commitment:
        raise NotVerified(f"{row.name}: the body, its salt or its commitment was changed")
    return leaf_hash(leaf_data(row.seq, row.kind, row.phase, row.at, row.call_id, row.commitment))


# Signed notes and checkpoints


class VerifierKey(NamedTuple):
    """A public key as the signed-note form writes it: `name+id+key`. `id` is four bytes."""

    name: str
    id: bytes
    public: bytes

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{_base64(ED25519 + self.public)}"


class Checkpoint(NamedTuple):
    """A signed tree head. `successor` is the key that takes over with it, None but for a handover."""

    origin: str
    size: int
    root: bytes
    successor: VerifierKey | None
    text: str
    signatures: tuple[tuple[str, bytes, bytes], ...]  # key name, key id, signature

    @property
    def name(self) -> str:
        return f"the checkpoint of size {self.size}"

    def signed_by(self, key: VerifierKey, verify: Verify) -> bool:
        """Raises NotVerified for a signature in the key's name that is not valid."""
        for name, key_id, signature in self.signatures:
            if (name, key_id) == (key.name, key.id):
                if not verify(key.public, utf8(self.text), signature):
                    raise NotVerified(f"{self.name}: the signature of {key.name}+{key.id.hex()} is not valid")
                return True
        return False


def key_id(name: str, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]


def read_key(text: str) -> VerifierKey:
    """Raises NotVerified."""
    name, _, rest = text.strip().partition("+")
    hex_id, _, encoded = rest.partition("+")
    try:
        raw = base64.b64decode(encoded, validate=True)
        key = VerifierKey(name, bytes.fromhex(hex_id), raw[1:])
    except ValueError:
        raise NotVerified("not a verifier key: write NAME+ID+KEY") from None
    if not name or raw[:1] != ED25519 or len(key.public) != 32 or key.id != key_id(name, key.public):
        raise NotVerified("not a verifier key for Ed25519, or its id does not belong to it")
    return key


def read_checkpoint(note: str, where: str) -> Checkpoint:
    """Parses; trusts nothing yet. `where` it stands goes into the problem. Raises NotVerified."""
    head, blank, tail = note.rpartition("\n\n")
    text, lines, signed = head + "\n", head.split("\n"), tail[:-1].split("\n")
    try:
        if not blank or not tail.endswith("\n") or len(lines) < 3 or not _plain(*lines, *signed):
            raise ValueError
        if lines[1] != str(int(lines[1])) or int(lines[1]) < 0:
            raise ValueError
        root = base64.b64decode(lines[2], validate=True)
        signatures = tuple(map(_signature, signed))
    except ValueError:
        raise NotVerified(f"{where} is not a checkpoint in the form of a signed note") from None
    if len(root) != HASH_BYTES:
        raise NotVerified(f"{where} is without a root of 32 bytes")
    successors = [read_key(line[len(HANDOVER) :]) for line in lines[3:] if line.startswith(HANDOVER)]
    return Checkpoint(lines[0], int(lines[1]), root, successors[0] if successors else None, text, signatures)


def _plain(*lines: str) -> bool:
    return all(line and line.isprintable() for line in lines)


def _signature(line: str) -> tuple[str, bytes, bytes]:
    dash, name, encoded = line.split(" ")
    raw = base64.b64decode(encoded, validate=True)
    if dash != "\u2014" or not name or len(raw) < 5:
        raise ValueError
    return name, raw[:4], raw[4:]


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


# Ed25519, verification only (RFC 8032, 5.1). Points in extended coordinates; nothing here is secret.

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)
_Point = tuple[int, int, int, int]
_ZERO = (0, 1, 1, 0)


def ed25519_verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Without cofactor, as common libraries do; rejects what is not canonical."""
    if len(public) != 32 or len(signature) != 64:
        return False
    s = int.from_bytes(signature[32:], "little")
    a = _point(public)
    if a is None or s >= _L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % _L
    x, y, z, t = a
    return _encoded(_sum_of_products(s, _base_point(), h, (_P - x, y, z, _P - t))) == signature[:32]


def _sum_of_products(m: int, a: _Point, n: int, b: _Point) -> _Point:
    both, made = _add(a, b), _ZERO
    choices = (None, a, b, both)
    for bit in range(max(m.bit_length(), n.bit_length()) - 1, -1, -1):
        made = _add(made, made)
        chosen = choices[(m >> bit & 1) | (n >> bit & 1) << 1]
        if chosen is not None:
            made = _add(made, chosen)
    return made


def _add(a: _Point, b: _Point) -> _Point:
    low, high = (a[1] - a[0]) * (b[1] - b[0]) % _P, (a[1] + a[0]) * (b[1] + b[0]) % _P
    c, d = 2 * a[3] * b[3] * _D % _P, 2 * a[2] * b[2] % _P
    e, f, g, h = high - low, d - c, d + c, high + low
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _point(raw: bytes) -> _Point | None:
    number = int.from_bytes(raw, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    x = _P - x if x & 1 != sign else x
    return x, y, 1, x * y % _P


def _base_point() -> _Point:
    y = 4 * pow(5, _P - 2, _P) % _P
    point = _point(y.to_bytes(32, "little"))
    assert point is not None  # noqa: S101
    return point


def _encoded(point: _Point) -> bytes:
    inverse = pow(point[2], _P - 2, _P)
    x, y = point[0] * inverse % _P, point[1] * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little")


# A whole log


class Chain:
    """Follows the signing keys through the checkpoints of a log, earliest first.

    A checkpoint counts when the key in charge signed it. A handover names its successor in the signed text and is signed by
    both; from then on the successor is in charge. The key that you trust takes charge where it signs for the first time: what
    lies before is held by the tree that it signed, what comes after needs it or its successors.
    """

    def __init__(self, trusted: VerifierKey, known: Iterable[VerifierKey] = (), verify: Verify = ed25519_verify) -> None:
        self._trusted = trusted
        self._known = [trusted, *known]
        self._verify = verify
        self._in_charge: VerifierKey | None = None
        self.anchored = False
        self.last: Checkpoint | None = None
        self.count = 0

    def accept(self, checkpoint: Checkpoint) -> None:
        """Raises NotVerified."""
        if checkpoint.origin != self._trusted.name:
            raise NotVerified(f"{checkpoint.name} is of another log than the key: its origin is {checkpoint.origin}")
        signer = self._signer(checkpoint)
        if checkpoint.successor is not None:
            if not checkpoint.signed_by(checkpoint.successor, self._verify):
                raise NotVerified(f"{checkpoint.name} hands over to a key that did not sign it")
            self.anchored |= checkpoint.successor == self._trusted
        self.anchored |= signer == self._trusted
        self._in_charge = checkpoint.successor or signer
        self.last, self.count = checkpoint, self.count + 1

    def finish(self) -> Checkpoint:
        """The last checkpoint. Raises NotVerified where nothing is proved."""
        if self.last is None:
            raise NotVerified("there is no checkpoint, so nothing is proved")
        if not self.anchored:
            raise NotVerified("no checkpoint leads to the key that you trust")
        return self.last

    def _signer(self, checkpoint: Checkpoint) -> VerifierKey:
        if not self.anchored and checkpoint.signed_by(self._trusted, self._verify):
            return self._trusted
        candidates = self._known if self._in_charge is None else [self._in_charge]
        for key in candidates:
            if checkpoint.signed_by(key, self._verify):
                return key
        raise NotVerified(f"{checkpoint.name} is not signed by the key in charge, nor by one that was handed over to")


class LogCheck:
    """Builds the tree leaf by leaf and compares the root at each checkpoint, and at each one that was noted elsewhere."""

    def __init__(self, checkpoints: Iterable[Checkpoint], chain: Chain, noted: Iterable[Checkpoint] = ()) -> None:
        self._checkpoints = iter(checkpoints)
        self._chain = chain
        self._noted = sorted(noted, key=lambda one: -one.size)
        self._peaks: tuple[bytes, ...] = ()
        self.size = 0
        self._due = next(self._checkpoints, None)

    def add(self, leaf: bytes, kept: bytes | None = None) -> None:
        """`kept` are the nodes of the tree that the log keeps with this leaf. Raises NotVerified."""
        nodes = completed(self._peaks, self.size, leaf)
        if kept is not None and kept != b"".join(nodes):
            begin = self.size + 1 - (1 << len(nodes) - 1)
            raise NotVerified(f"leaves {begin} to {self.size} are not those from which the log's tree was made")
        self._peaks, self.size = grown(self._peaks, nodes), self.size + 1
        if self._due is not None and self._due.size <= self.size:
            before = self._chain.last.size if self._chain.last else 0
            self._settle(self._due, before)
            self._due = next(self._checkpoints, None)
        while self._noted and self._noted[-1].size <= self.size:
            self._compare_noted(self._noted.pop())

    def finish(self) -> Checkpoint:
        """The last checkpoint. Raises NotVerified."""
        if self._due is not None:
            raise NotVerified(f"{self._due.name} is signed, but the log has only {self.size} leaves: its end was cut off")
        if self._noted:
            raise NotVerified(f"a checkpoint of size {self._noted[-1].size} was noted, but the log has only {self.size} leaves")
        return self._chain.finish()

    def _settle(self, checkpoint: Checkpoint, before: int) -> None:
        self._chain.accept(checkpoint)
        if checkpoint.size != self.size:
            raise NotVerified(f"{checkpoint.name} is out of order")
        if checkpoint.root != root_of(self._peaks):
            raise NotVerified(
                f"{checkpoint.name} is validly signed, but the log has another root: leaves {before} to {self.size - 1} are "
                "not those that were signed (changed since, or the log was forked)"
            )

    def _compare_noted(self, checkpoint: Checkpoint) -> None:
        if checkpoint.size != self.size or checkpoint.root != root_of(self._peaks):
            raise NotVerified(f"the log is no continuation of the checkpoint of size {checkpoint.size} that was noted: a fork")


# Exports


_DAMAGE: tuple[type[Exception], ...] = (
    KeyError,
    UnicodeDecodeError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    zipfile.BadZipFile,
    *_PACKED_BADLY,
)


_LONGEST = 2**24
"""Characters of a line, and of a part that is read as a whole: an archive of a few MB may unpack to more than fits memory."""


class Export:
    """The parts of an export, read as they are needed. Raises NotVerified for what is not there or not in its form."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file
        self.about: dict[str, Any] = self._json("about.json", self.text("about.json"))
        if self.about.get("format") != 1:
            raise NotVerified("the export is of a format that this program does not know")

    def text(self, name: str) -> str:
        lines, size = [], 0
        for line in self.lines(name):
            lines.append(line)
            size += len(line) + 1
            if size > _LONGEST:
                raise NotVerified(f"{name} is longer than any that the gateway writes")
        return "\n".join(lines) + "\n"

    def lines(self, name: str) -> Iterator[str]:
        try:
            with self._file.open(name) as raw:
                text = io.TextIOWrapper(raw, encoding="utf-8", newline="\n")
                while line := text.readline(_LONGEST + 1):
                    if len(line) > _LONGEST:
                        raise NotVerified(f"{name} holds a line that is longer than any that the gateway writes")
                    yield line.rstrip("\n")
        except _DAMAGE:
            raise NotVerified(f"{name} is missing from the export or damaged") from None

    def keys(self) -> list[VerifierKey]:
        return [read_key(line) for line in self.text("keys.txt").splitlines()]

    def checkpoints(self) -> Iterator[Checkpoint]:
        for number, line in enumerate(self.lines("checkpoints.jsonl"), 1):
            yield read_checkpoint(str(self._json("checkpoints.jsonl", line).get("note")), f"line {number} of checkpoints.jsonl")

    def leaves(self) -> Iterator[bytes]:
        for number, line in enumerate(self.lines("leaves.txt")):
            yield _decoded(line, f"leaf {number}")

    def rows(self) -> Iterator[Row]:
        for number, line in enumerate(self.lines("entries.jsonl"), 1):
            yield self._row(self._json("entries.jsonl", line), number)

    def consistency(self) -> dict[int, list[bytes]]:
        """By the size of the earlier checkpoint: the proofs that the newest is its continuation."""
        found = [self._json("consistency.jsonl", line) for line in self.lines("consistency.jsonl")]
        try:
            return {int(one["from"]): [_decoded(text, "consistency.jsonl") for text in one["hashes"]] for one in found}
        except (KeyError, TypeError, ValueError):
            raise NotVerified("consistency.jsonl holds a line that is not a proof") from None

    def inclusion(self, index: int, note_text: str) -> list[bytes]:
        """The path of a proof that was made for this leaf and this checkpoint."""
        name = f"proofs/{index}.tlog-proof"
        head, _, note = self.text(name).partition("\n\n")
        lines = head.split("\n")
        if lines[:2] != [PROOF_FORMAT, f"index {index}"] or not note.startswith(note_text):
            raise NotVerified(f"{name} is not a proof for leaf {index} and the newest checkpoint")
        return [_decoded(line, name) for line in lines[2:]]

    @staticmethod
    def _json(name: str, text: str) -> dict[str, Any]:
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise NotVerified(f"{name} holds a line that is not an object of JSON")
        return found

    @staticmethod
    def _row(found: dict[str, Any], number: int) -> Row:
        where = f"line {number} of entries.jsonl"
        index, seq, body, salt = (found.get(name) for name in ("index", "seq", "body", "salt"))
        words = [found.get(name) for name in ("kind", "phase", "at", "call_id", *(["body"] if body is not None else []))]
        if not all(isinstance(word, str) for word in words) or type(index) is not int or type(seq) is not int:
            raise NotVerified(f"{where} is not an entry")
        kind, phase, at, call_id = map(str, words[:4])
        salt = None if salt is None else _decoded(salt, where)
        return Row(index, seq, kind, phase, at, call_id, body, salt, _decoded(found.get("commitment"), where))


def _decoded(text: object, where: str) -> bytes:
    try:
        raw = base64.b64decode(str(text), validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != HASH_BYTES:
        raise NotVerified(f"{where}: 32 bytes in base64 are expected")
    return raw


class Verified(NamedTuple):
    """What a check found; `entries` is how many entries were made anew, `first` the leaf of the first of them, and `left` how
    many of the log stand behind the last of them.
    """

    entries: int
    first: int
    erased: int
    size: int
    checkpoints: int
    last: Checkpoint
    left: int = 0

    def __str__(self) -> str:
        said = [f"verified: {self.entries} entries in a log of {self.size}, {self.checkpoints} checkpoints"]
        if self.first:
            said.append(f"the content of the first {self.first} is not part of this export")
        if self.left:
            said.append(f"the content of the last {self.left} is not part of this export")
        if self.erased:
            said.append(f"of {self.erased} the content was erased")
        said.append(f"the last checkpoint is of size {self.last.size}")
        if self.size > self.last.size:
            said.append(f"{self.size - self.last.size} entries lie after it and are not proved")
        return "; ".join(said)


def check_log(
    rows: Iterable[Row], leaves: Iterable[bytes], check: LogCheck, chain: Chain, first: int = 0, end: int | None = None
) -> Verified:
    """Make every leaf from `first` on and before `end` anew, and all roots. Raises NotVerified at the first that is wrong."""
    stored, entries, erased = iter(rows), 0, 0
    for index, leaf in enumerate(leaves):
        if index >= first and (end is None or index < end):
            row = next(stored, None)
            if row is None:
                raise NotVerified(f"leaf {index} has no entry: the export ends before the log does")
            if checked_leaf(row, index) != leaf:
                raise NotVerified(f"{row.name}: the entry is not what its leaf was made of")
            entries, erased = entries + 1, erased + (row.salt is None)
        check.add(leaf)
    surplus = next(stored, None)
    if surplus is not None:
        raise NotVerified(f"{surplus.name} is not in the tree: it was inserted, or the leaves were cut off")
    last = check.finish()
    left = 0 if end is None else max(0, check.size - end)
    return Verified(entries, min(first, check.size), erased, check.size, chain.count, last, left)


def verify_whole(export: Export, trusted: VerifierKey, noted: Sequence[Checkpoint]) -> Verified:
    """An export of the whole log, or of a part of it: its leaves are all there."""
    first, end = export.about.get("first", 0), export.about.get("end")
    if type(first) is not int or first < 0:
        raise NotVerified("about.json does not say with which leaf the entries begin")
    if end is not None and (type(end) is not int or end < first):
        raise NotVerified("about.json does not say before which leaf the entries end")
    chain = Chain(trusted, export.keys())
    return check_log(export.rows(), export.leaves(), LogCheck(export.checkpoints(), chain, noted), chain, first, end)


def verify_call(export: Export, trusted: VerifierKey, noted: Sequence[Checkpoint]) -> str:
    """An export of one call: its entries, each with a proof of inclusion, under the newest checkpoint."""
    chain = Chain(trusted, export.keys())
    for checkpoint in export.checkpoints():
        chain.accept(checkpoint)
    newest = chain.finish()
    said = []
    for row in export.rows():
        leaf = checked_leaf(row, row.index)
        if not verify_inclusion(row.index, newest.size, leaf, newest.root, export.inclusion(row.index, newest.text)):
            raise NotVerified(f"{row.name} is not in the log that the checkpoint of size {newest.size} signs")
        if row.call_id != export.about.get("call"):
            raise NotVerified(f"{row.name} is of another call than the export")
        said.append(row.name + (", content erased" if row.salt is None else ""))
    if not said:
        raise NotVerified("the export holds no entry")
    for earlier in noted:
        _require_continuation(export.consistency(), earlier, newest)
    return f"verified: in the log of size {newest.size}: " + "; ".join(said)


def _require_continuation(proofs: dict[int, list[bytes]], earlier: Checkpoint, newest: Checkpoint) -> None:
    proof = proofs.get(earlier.size, [] if earlier.size == newest.size else None)
    if proof is None:
        raise NotVerified(f"the export has no proof from the checkpoint of size {earlier.size} on: export it with --checkpoint")
    if not verify_consistency(earlier.size, newest.size, earlier.root, newest.root, proof):
        raise NotVerified(f"the log is no continuation of the checkpoint of size {earlier.size} that was noted: a fork")


def find_call(export: Export, call: str, last: Checkpoint) -> str:
    """Where the entries of a call stand in a log that has been verified."""
    found = [row.name for row in export.rows() if row.call_id == call and row.index < last.size]
    if not found:
        raise NotVerified(f"no entry of call {call} lies under a checkpoint of this export")
    return f"call {call}: " + "; ".join(found)


def read_noted(path: str, trusted: VerifierKey, known: Iterable[VerifierKey]) -> Checkpoint:
    """A checkpoint that the auditor kept. Raises NotVerified where no key of the log signed it."""
    try:
        with open(path, encoding="utf-8", newline="\n") as file:  # noqa: PTH123
            checkpoint = read_checkpoint(file.read(), path)
    except (OSError, UnicodeDecodeError):
        raise NotVerified(f"{path} cannot be read") from None
    if not any(checkpoint.signed_by(key, ed25519_verify) for key in (trusted, *known)):
        raise NotVerified(f"{path} is not signed by a key of this log")
    return checkpoint


def run(path: str, key: str, call: str | None, noted: Sequence[str]) -> list[str]:
    """The sentences to print. Raises NotVerified."""
    trusted = read_key(key)
    try:
        file = zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile):
        raise NotVerified(f"{path} is not an export") from None
    with file:
        export = Export(file)
        kept = [read_noted(one, trusted, export.keys()) for one in noted]
        if export.about.get("scope") == "call":
            if call not in (None, export.about.get("call")):
                raise NotVerified(f"the export is of another call than {printable(str(call))}")
            return [verify_call(export, trusted, kept)]
        verified = verify_whole(export, trusted, kept)
        return [str(verified)] + ([find_call(export, call, verified.last)] if call else [])


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Verify an export of the gateway's audit log, offline.")
    parser.add_argument("export", help="the file that `gateway audit export` wrote")
    parser.add_argument("vkey", help="the verifier key that you trust: NAME+ID+KEY")
    parser.add_argument("--call", help="say where the entries of this call stand")
    parser.add_argument("--checkpoint", action="append", default=[], help="a signed checkpoint that you kept, as a file")
    given = parser.parse_args(arguments)
    try:
        sentences = run(given.export, given.vkey, given.call, given.checkpoint)
    except NotVerified as problem:
        print(f"NOT VERIFIED: {problem}", file=sys.stderr)  # noqa: T201
        return 1
    print("\n".join(sentences))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
