"""The gateway's parts, by the rooms that they belong to, and how each room is opened. `parts` joins them."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from gateway.assembly import memories
from gateway.assembly.connecting import Connecting
from gateway.audit.checkpointer import Checkpointer
from gateway.audit.database_log import DatabaseAuditLog
from gateway.audit.keeper import Keeper
from gateway.audit.kept import about
from gateway.audit.signing import KeyFile
from gateway.audit.strangers import BoundedLog
from gateway.audit.tenant_keys import TenantKeys
from gateway.caching.answers import Answers
from gateway.caching.flights import Flights
from gateway.caching.semantic.rewordings import Rewordings
from gateway.detection.detect import Analyzer
from gateway.detection.service.shared_findings import SharedFindings
from gateway.detection.service.threaded import ThreadedDetector
from gateway.drain import Drain
from gateway.errors import ProtectionUnavailable
from gateway.grounding.origins import Origins
from gateway.grounding.sources import Sources
from gateway.identity.pepper import Pepper
from gateway.keys.keyring import Keyring
from gateway.keys.master import open_master
from gateway.knowledge.database_library import DatabaseLibrary
from gateway.knowledge.embedding import E5
from gateway.knowledge.protection import Protection
from gateway.knowledge.rules import Rules
from gateway.knowledge.uploads.house import Uploads, open_uploads
from gateway.obligations import DeploymentRef
from gateway.policy.compile import CompiledDeployment
from gateway.policy.source import PolicySource
from gateway.redaction.overheard import overheard
from gateway.redaction.redactor import Redactor
from gateway.routing.router import Router
from gateway.routing.shadow import Shadows
from gateway.settings import Settings
from gateway.shared.hints import Hint, Topic
from gateway.shared.place import RedisPlace
from gateway.shared.siblings import Siblings
from gateway.store.database import Database
from gateway.telemetry.instruments import Metrics
from gateway.telemetry.logs import Logs
from gateway.telemetry.tracing import Tracing
from gateway.upstream.fleet import Fleet
from gateway.vault.vault import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """The record, what is sealed in its database, and the keys for that."""

    database: Database
    audit: BoundedLog
    keyring: Keyring
    tenant_keys: TenantKeys
    keeper: Keeper
    vault: Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class Caching:
    """Answers that were given, those on their way, and the other words in which their questions were put."""

    answers: Answers
    flights: Flights
    rewordings: Rewordings


@dataclass(frozen=True, slots=True, kw_only=True)
class Detecting:
    """Who finds personal data, and who takes it out. `shared` is what several processes found, where they share it."""

    detector: ThreadedDetector
    shared: SharedFindings | None
    redactor: Redactor


@dataclass(frozen=True, slots=True, kw_only=True)
class Documents:
    """`embedder` reads documents, and `asker` questions, which must not wait until a long document has its vectors."""

    embedder: E5
    asker: E5
    library: DatabaseLibrary
    sources: Sources
    uploads: Uploads


@dataclass(frozen=True, slots=True, kw_only=True)
class Backends:
    """The deployments: how they are reached, which of them is asked, and who is still there when the gateway leaves."""

    fleet: Fleet[CompiledDeployment]
    router: Router
    shadows: Shadows
    drain: Drain


@dataclass(frozen=True, slots=True, kw_only=True)
class Telemetry:
    """What is told to whoever watches."""

    tracing: Tracing
    metrics: Metrics
    logs: Logs


def open_keeping(settings: Settings, environ: Mapping[str, str], database: Database) -> Keeping:
    """Raises ProtectionUnavailable and AuditUnavailable."""
    keyring = Keyring(database, open_master(settings, environ))
    tenant_keys = TenantKeys(keyring.tenant)
    return Keeping(
        database=database,
        audit=BoundedLog(DatabaseAuditLog(database, checkpointer=_checkpointer(settings))),
        keyring=keyring,
        tenant_keys=tenant_keys,
        keeper=Keeper(tenant_keys),
        vault=Vault(database, tenant_keys),
    )


def open_caching(settings: Settings, place: RedisPlace | None, pepper: Pepper, keys: TenantKeys) -> Caching:
    """In memory, or on Redis where there is one."""
    store = memories.cache_store(settings, place, pepper)
    near = settings.embeddings_near
    rewordings = Rewordings(keys, memories.embedder(settings), memories.neighbours(store, keys), near=near)
    answers = Answers(store, keys, cleared=rewordings.forget)
    return Caching(answers=answers, flights=Flights(answers), rewordings=rewordings)


def open_detecting(analyzer: Analyzer, settings: Settings, pepper: Pepper, shared: SharedFindings | None) -> Detecting:
    """With the analyzer in threads, behind a memory of what it found."""
    detector = ThreadedDetector(
        analyzer,
        threads=settings.detection_threads,
        timeout_s=settings.detection_timeout_s,
        backlog=settings.detection_backlog_chars,
    )
    remembering = memories.remembering(detector, settings, shared)
    return Detecting(detector=detector, shared=shared, redactor=Redactor(remembering, pepper.key_for("pseudonyms")))


def open_documents(policy: PolicySource, keeping: Keeping, redactor: Redactor) -> Documents:
    """Both ways in, the operator's and that of programs, lead to one library."""
    database, keys, vault = keeping.database, keeping.tenant_keys, keeping.vault
    embedder, asker, rules, seeking = E5(), E5(), partial(_document_rules, policy), partial(_seeking_rules, policy)
    library = DatabaseLibrary(database, keys, asker)

    def protection() -> Protection:
        return Protection(redactor, vault, database, keys, policy.current.entities)

    return Documents(
        embedder=embedder,
        asker=asker,
        library=library,
        sources=Sources(library, protection, vault, rules, Origins(database)),
        uploads=open_uploads(database, keys, embedder, library, protection, rules, seeking),
    )


def open_backends(router: Router, policy: PolicySource, keeping: Keeping, redactor: Redactor) -> Backends:
    """Connections are made when somebody asks."""
    fleet = Fleet(lambda: policy.current.places, Connecting().adapter, lambda deployment: deployment.timeouts.total_s)
    screen, whom = partial(overheard, redactor), partial(about, keeping.database)
    shadows = Shadows(fleet, router.standings, keeping.audit, keeping.keeper, screen, whom)
    return Backends(fleet=fleet, router=router, shadows=shadows, drain=Drain(router.dismiss))


def open_router(settings: Settings, policy: PolicySource, pepper: Pepper, siblings: Siblings) -> Router:
    """Chooses among deployments, and tells the other processes which of them fail."""
    return Router(
        lambda: policy.current.places,
        word=partial(_word_of, pepper.key_for("circuits")),
        tell=lambda word: siblings.announce(Hint(Topic.CIRCUIT, word)),
        longest_queue=settings.queue_length,
    )


def _document_rules(policy: PolicySource, tenant: str) -> Rules:
    standing = policy.current.of_tenant(tenant)
    if standing is None:
        raise ProtectionUnavailable("Policy has no tenant of this name any more.")
    return Rules.of(standing)


def _seeking_rules(policy: PolicySource, tenant: str) -> Rules:
    """Who is erased is looked for in what a tenant left as well that policy names no more."""
    standing = policy.current.of_tenant(tenant)
    return Rules.seeking_all(tenant) if standing is None else Rules.of(standing)


def _word_of(key: bytes, deployment: DeploymentRef) -> str:
    """What gateways call a deployment among themselves: whoever reads their channel learns no name and no address."""
    told = f"{deployment.id} {deployment.model} {deployment.version} {deployment.digest}"
    return hmac.digest(key, told.encode(), "sha256").hex()[:32]


def _checkpointer(settings: Settings) -> Checkpointer:
    return Checkpointer(
        KeyFile(settings.audit_key_path, settings.audit_origin),
        every_s=settings.audit_checkpoint_s,
        every_entries=settings.audit_checkpoint_entries,
    )
