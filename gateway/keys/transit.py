"""A master key that never leaves a HashiCorp Vault, or an OpenBao: its transit engine wraps and unwraps tenants' keys.

https://developer.hashicorp.com/vault/api-docs/secret/transit. The context goes along twice: as the context of a derived key,
and as the associated data of one that is not, so that either kind binds it.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import hvac
from hvac.exceptions import InvalidRequest, VaultError
from requests.exceptions import RequestException

from gateway.errors import ProtectionUnavailable, TenantKeyUnusable
from gateway.settings import Settings

TOKEN_VARIABLE = "VAULT_TOKEN"  # noqa: S105  the variable's name

_TROUBLE = "The Vault that holds the master key does not do its work."
_VERSION = re.compile(rb"vault:v\d+:")


class _Refused(ProtectionUnavailable):
    """The Vault is well, and does not do this with what it was given."""


class TransitMaster:
    """`connect` gives a client that is logged in and has a time limit; it is asked at each use, since tokens end."""

    def __init__(self, connect: Callable[[], Any], *, mount: str, key: str) -> None:
        self._connect = connect
        self._mount = mount
        self._key = key

    @property
    def name(self) -> str:
        return f"vault:{self._mount}/{self._key}"

    def wrap(self, key: bytes, context: str) -> bytes:
        return str(self._call("encrypt_data", plaintext=_text(key), **_bound(context))["ciphertext"]).encode()

    def unwrap(self, wrapped: bytes, context: str) -> bytes:
        if not _VERSION.match(wrapped):
            raise TenantKeyUnusable("A tenant's key was not wrapped by a Vault.")
        try:
            found = self._call("decrypt_data", ciphertext=wrapped.decode("ascii", "replace"), **_bound(context))
        except _Refused:
            raise TenantKeyUnusable("A tenant's key does not open with the Vault's key.") from None
        try:
            return base64.b64decode(found["plaintext"], validate=True)
        except (ValueError, TypeError, KeyError):
            raise _trouble() from None

    def mark(self) -> bytes:
        return f"vault:v{self._call('read_key').get('latest_version')}:".encode()

    def holds(self, wrapped: bytes) -> bool:
        return _VERSION.match(wrapped) is not None

    def renew(self) -> None:
        """The engine makes a new version, which wraps from then on."""
        self._call("rotate_key")

    def settle(self) -> None:
        """Versions are forgotten in the Vault (`min_decryption_version`), by whoever administers it."""

    def _call(self, operation: str, **arguments: object) -> Mapping[str, Any]:
        """Nothing of the Vault's own words is passed on: they may quote what was sent."""
        try:
            client = self._connect()
            with closing(client.adapter):
                act = getattr(client.secrets.transit, operation)
                answer = act(name=self._key, mount_point=self._mount, **arguments)
        except InvalidRequest:
            raise _Refused(_TROUBLE) from None
        except (VaultError, RequestException):
            raise _trouble() from None
        data = answer.get("data") if isinstance(answer, Mapping) else {}
        if not isinstance(data, Mapping):
            raise _trouble()
        return data


def open_transit(settings: Settings, environ: Mapping[str, str]) -> TransitMaster:
    """As the settings say. Raises ProtectionUnavailable where there is no token."""

    def connect() -> Any:
        return hvac.Client(
            url=settings.vault_url,
            token=_token(settings.vault_token_file, environ),
            timeout=settings.vault_timeout_s,
            namespace=settings.vault_namespace,
        )

    _token(settings.vault_token_file, environ)
    return TransitMaster(connect, mount=settings.vault_mount, key=settings.vault_key)


def _token(path: Path | None, environ: Mapping[str, str]) -> str:
    try:
        token = environ.get(TOKEN_VARIABLE, "") if path is None else path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise ProtectionUnavailable("The file with the Vault's token cannot be read.") from None
    if not token.strip():
        raise ProtectionUnavailable(f"A token for the Vault is needed: in {TOKEN_VARIABLE}, or in GATEWAY_VAULT_TOKEN_FILE.")
    return token.strip()


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _bound(context: str) -> dict[str, str]:
    bound = _text(context.encode())
    return {"context": bound, "associated_data": bound}


def _trouble() -> ProtectionUnavailable:
    return ProtectionUnavailable(_TROUBLE)
