"""The key at the top: it wraps tenants' keys, and never leaves where it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from gateway.errors import ProtectionUnavailable
from gateway.keys.key_source import GivenKeys, KeyFile
from gateway.keys.local import LocalMaster
from gateway.settings import Settings

__all__ = ["LocalMaster", "MasterKey", "open_master"]

VARIABLE = "GATEWAY_MASTER_KEY"


class MasterKey(Protocol):
    """`context` is bound to what is wrapped: under another one it does not open. Raises ProtectionUnavailable.

    While it is being replaced, an older key still opens what was wrapped with it: `renew` puts a new key in charge, and
    `settle` forgets the older ones once nothing hangs on them. A key that is given from outside is renewed and forgotten
    there; then both do nothing.
    """

    @property
    def name(self) -> str:
        """Which key this is, for people; no secret."""

    def wrap(self, key: bytes, context: str) -> bytes: ...

    def unwrap(self, wrapped: bytes, context: str) -> bytes: ...

    def mark(self) -> bytes:
        """What everything begins with that the key in charge wraps."""

    def holds(self, wrapped: bytes) -> bool:
        """Whether the key that wrapped this has not been forgotten. Asks nobody else."""

    def renew(self) -> None: ...

    def settle(self) -> None: ...


def open_master(settings: Settings, environ: Mapping[str, str]) -> MasterKey:
    """The Vault's if settings name one, else that of `GATEWAY_MASTER_KEY`, else that of the file, which is made if absent.

    Raises ProtectionUnavailable.
    """
    written = environ.get(VARIABLE)
    if settings.vault_url is not None:
        if written is not None:
            raise ProtectionUnavailable(f"Set {VARIABLE} or GATEWAY_VAULT_URL, not both: one master key has to be in charge.")
        return _in_vault(settings, environ)
    if written is not None:
        return LocalMaster(GivenKeys(written, f"The variable {VARIABLE}"))
    return LocalMaster(KeyFile(settings.master_key_path))


def _in_vault(settings: Settings, environ: Mapping[str, str]) -> MasterKey:
    """Its client library is an extra, and slow to import."""
    try:
        from gateway.keys.transit import open_transit
    except ImportError:
        raise ProtectionUnavailable("A Vault needs an extra: pip install -e '.[vault]'.") from None
    return open_transit(settings, environ)
