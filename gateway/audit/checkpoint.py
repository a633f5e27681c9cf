"""Signed heads of the tree (c2sp.org/tlog-checkpoint): what may be signed, and how it is written. Pure."""

from __future__ import annotations

import base64

from gateway.audit.merkle import Frontier, Node, consistency_proof
from gateway.audit.signing import Keys, SigningKey, signature_line, verify_signature
from gateway.audit.verify import HANDOVER, Checkpoint, NotVerified, VerifierKey, read_checkpoint, verify_consistency
from gateway.errors import AuditUnavailable


class NotContinued(AuditUnavailable):
    """The log is not the one that was signed: its end was cut off, or an older copy, or another log, stands in its place."""


def next_note(frontier: Frontier, keys: Keys, last: Checkpoint | None) -> str:
    """The note to store for this tree; with a key that takes over, signed by both. Raises AuditUnavailable."""
    if handover_due(keys, last):
        return _signed(_text(frontier, keys.current.name, keys.current.public), keys.current, keys.previous)
    if last is not None and not signed_by(last, keys.current):
        raise AuditUnavailable("The signing key is not the one that signed the last checkpoint.")
    return _signed(_text(frontier, keys.current.name), keys.current)


def handover_due(keys: Keys, last: Checkpoint | None) -> bool:
    """Whether the key that is replaced still has to sign the first checkpoint of the new one."""
    return keys.previous is not None and (last is None or not signed_by(last, keys.current))


def require_continuation(earlier: Checkpoint | None, frontier: Frontier, node: Node) -> None:
    """Nothing is signed that contradicts what was signed before (a fork). Raises NotContinued."""
    if earlier is None:
        return
    try:
        proof = consistency_proof(earlier.size, frontier.size, node)
    except LookupError:
        proof = None
    if proof is None or not verify_consistency(earlier.size, frontier.size, earlier.root, frontier.root, proof):
        shorter = frontier.size < earlier.size
        how = (
            f"that had {earlier.size} entries, and this one has fewer"
            if shorter
            else f"the first {earlier.size} entries differ"
        )
        raise NotContinued(f"The log is no continuation of the one that was signed before: {how}.")


def parsed(note: str) -> Checkpoint:
    """A stored note. Raises AuditUnavailable."""
    try:
        return read_checkpoint(note, "the last checkpoint")
    except NotVerified:
        raise AuditUnavailable("The last checkpoint is damaged.") from None


def note_of(checkpoint: Checkpoint) -> str:
    """The note that it was read from."""
    lines = (signature_line(name, key_id + signature) for name, key_id, signature in checkpoint.signatures)
    return f"{checkpoint.text}\n{''.join(lines)}"


def signed_by(checkpoint: Checkpoint, key: SigningKey) -> bool:
    """Raises AuditUnavailable for a signature of this key that is not valid."""
    try:
        return checkpoint.signed_by(key.public, verify_signature)
    except NotVerified:
        raise AuditUnavailable("The last checkpoint was changed after it was signed.") from None


def _text(frontier: Frontier, origin: str, successor: VerifierKey | None = None) -> str:
    """A handover names the new key in the signed text: a signature alone could be added to any note by anybody."""
    head = f"{origin}\n{frontier.size}\n{base64.b64encode(frontier.root).decode()}\n"
    return head if successor is None else f"{head}{HANDOVER}{successor}\n"


def _signed(text: str, *keys: SigningKey | None) -> str:
    return text + "\n" + "".join(key.line(text) for key in keys if key is not None)
