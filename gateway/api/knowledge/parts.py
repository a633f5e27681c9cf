"""What the endpoints of documents share with the gateway."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.api.admin.acts import ActLog
from gateway.api.knowledge.caller import Door
from gateway.knowledge.library import Library
from gateway.knowledge.protection import Protection
from gateway.knowledge.rules import Rules
from gateway.knowledge.uploads.keeping import Keeping
from gateway.knowledge.uploads.worker import OneReader
from gateway.vault.vault import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeParts:
    """`rules_of` are the rules for a tenant's documents; `nudge` says that files wait to be processed."""

    door: Door
    acts: ActLog
    keeping: Keeping
    reader: OneReader
    library: Library
    protection: Callable[[], Protection]
    rules_of: Callable[[str], Rules]
    vault: Vault
    nudge: Callable[[], None] = field(repr=False)
