"""What the commands of `gateway keys` share: how a key is named, shown this once, and how they end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Annotated

import typer

from gateway.cli.common.record import fail, place_of
from gateway.cli.keys.text import day, holder
from gateway.errors import ProtectionUnavailable
from gateway.identity.key_store import KeyStore
from gateway.identity.virtual_keys import KeyKind, KeyRecord, NewKey, key_id_of
from gateway.settings import Settings

KeyId = Annotated[str, typer.Argument(help="The public id: pgw_ or pga_ and eight characters.")]

_SPAN = re.compile(r"([0-9]{1,5})(m|h|d)")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_NO_KEY = "no key with this id; see: gateway keys list"


def known(store: KeyStore, public_id: str) -> KeyRecord:
    """The key of this id; exits where there is none."""
    record = next((one for one in store.list() if one.key_id == public_id), None)
    return record or fail(_NO_KEY)


def public_id_of(text: str) -> str:
    """Of a key that was given whole, or by its id."""
    return key_id_of(text) or text


def span_of(option: str, text: str) -> timedelta:
    """From 30m, 24h or 7d. Raises BadParameter, which names the option."""
    found = _SPAN.fullmatch(text)
    if found is None:
        raise typer.BadParameter("write a number and m, h or d, such as 24h", param_hint=option)
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def show(key: NewKey) -> None:
    """The key on the output, so that it can be piped; what it is on the error output."""
    until = f" until {day(key.record.expires)}" if key.record.expires else ""
    use = " It opens administration only." if key.record.kind is KeyKind.PERSON else ""
    typer.echo(f"{key.record.key_id} for {holder(key.record)}{until}.{use} The key is shown only now:", err=True)
    typer.echo(key.plaintext)


@contextmanager
def told(settings: Settings, *, new: bool = False) -> Iterator[None]:
    """Ends the command with a sentence and status 1 where keys cannot be reached, and where there is no folder that could hold
    any, unless it is for a `new` one: a name that was mistyped must not read as a place without keys.
    """
    if not new and settings.database_url is None and not settings.state_dir.exists():
        fail(f"there are no keys in {settings.state_dir}; --state-dir names another")
    try:
        yield
    except ProtectionUnavailable as error:
        fail(f"{place_of(settings)}: {error.message}")
