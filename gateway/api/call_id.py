"""The id of one call: on the record, in the log, and in the client's `x-request-id`."""

from __future__ import annotations

import secrets


def new_call_id() -> str:
    """`req_` and 128 random bits in hex."""
    return f"req_{secrets.token_hex(16)}"
