"""The certificate of an erasure: a signed note (c2sp.org/signed-note) in which stands, as JSON, what was erased and where the
log says so.

It names nobody: the person is in it as keyed tags. Its first line is none that a checkpoint can have, so that a signature
under one is never a signature under the other.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import orjson

from gateway.assurance.erasure import Erased
from gateway.audit.signing import SigningKey, verify_signature
from gateway.audit.verify import Checkpoint, NotVerified, VerifierKey

TITLE = "privacy-gateway/erasure-certificate/1"
_MAX_BYTES = 1_000_000


def certificate(erased: Erased, *, finished_at: str, act_id: str, leaf: int, checkpoint: Checkpoint, key: SigningKey) -> str:
    """`leaf` is where in the log the act stands as done; `checkpoint` is one that covers it."""
    said = asdict(erased) | {
        "tags": [tag for tag in erased.tags.split(",") if tag],
        "finished_at": finished_at,
        "log": {"act_id": act_id, "leaf": leaf, "size": checkpoint.size, "root": checkpoint.root.hex()},
    }
    text = f"{TITLE}\n{orjson.dumps(said, option=orjson.OPT_INDENT_2).decode()}\n"
    return f"{text}\n{key.line(text)}"


def verified(note: str, trusted: VerifierKey) -> Mapping[str, Any]:
    """What a certificate says, once its signature has been checked. Raises NotVerified."""
    head, blank, tail = note.rpartition("\n\n")
    text = head + "\n"
    if len(note) > _MAX_BYTES or not blank or not text.startswith(f"{TITLE}\n"):
        raise NotVerified("the file is no certificate of an erasure")
    if not any(_signs(line, text, trusted) for line in tail.splitlines()):
        raise NotVerified("the certificate is not signed by the key that you trust")
    said = orjson.loads(text.removeprefix(f"{TITLE}\n"))
    return dict(said)


def _signs(line: str, text: str, trusted: VerifierKey) -> bool:
    """Whether this is a valid signature line of the key."""
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    try:
        raw = base64.b64decode(encoded, validate=True)
    except ValueError:
        return False
    same = (dash, name, raw[:4]) == ("\u2014", trusted.name, trusted.id)
    return same and verify_signature(trusted.public, text.encode(), raw[4:])
