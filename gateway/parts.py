"""What the gateway is made of, opened when it is built. Only here are parts joined to each other; `lifespan` closes them."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from presidio_analyzer import EntityRecognizer

from gateway import memories
from gateway.api.admin.policy_check import PolicyChecker
from gateway.audit.act import act_of_policy, entry_of_act
from gateway.audit.checkpointer import Checkpointer
from gateway.audit.database_log import DatabaseAuditLog
from gateway.audit.keeper import Keeper
from gateway.audit.signing import KeyFile
from gateway.audit.tenant_keys import TenantKeys
from gateway.caching.answers import Answers
from gateway.caching.flights import Flights
from gateway.caching.semantic.rewordings import Rewordings
from gateway.connecting import Connecting, load_translators
from gateway.detection.detect import Analyzer
from gateway.detection.engines import Engines
from gateway.detection.recognizers.plugins import Plugins
from gateway.detection.recognizers.registry import built_in_entities, default_recognizers
from gateway.detection.service.shared_findings import SharedFindings
from gateway.detection.service.threaded import ThreadedDetector
from gateway.drain import Drain
from gateway.errors import ProtectionUnavailable
from gateway.grounding.origins import Origins
from gateway.grounding.sources import Sources
from gateway.identity.authenticator import Authenticator
from gateway.identity.key_store import KeyStore, open_keys
from gateway.identity.pepper import Pepper, load_pepper
from gateway.keys.keyring import Keyring
from gateway.keys.master import open_master
from gateway.knowledge.database_library import DatabaseLibrary
from gateway.knowledge.embedding import E5
from gateway.knowledge.protection import Protection
from gateway.knowledge.rules import Rules
from gateway.knowledge.uploads.house import Uploads, open_uploads
from gateway.limits.limiter import Limiter
from gateway.obligations import DeploymentRef
from gateway.policy.compile import CompiledDeployment
from gateway.policy.source import PolicySource
from gateway.policy.status import PolicyEvent, ReloadOutcome
from gateway.redaction.overheard import overheard
from gateway.redaction.redactor import Redactor
from gateway.redaction.surrogates import SURROGATE_ENTITIES
from gateway.routing.router import Router
from gateway.routing.shadow import Shadows
from gateway.settings import Settings
from gateway.shared.hints import Hint, Topic
from gateway.shared.place import redis_place
from gateway.shared.siblings import Siblings
from gateway.store.database import Database, open_database
from gateway.telemetry.instruments import Metrics
from gateway.telemetry.logs import Logs, configure_logs
from gateway.telemetry.losses import Losses
from gateway.telemetry.metrics import configure_metrics
from gateway.telemetry.tracing import Tracing, configure_tracing
from gateway.upstream.fleet import Fleet
from gateway.vault.vault import Vault

_INLINE_CHARACTERS = 1_000
"""Up to here our own recognizers take less time than handing a text to a thread and back does harm: 1 to 3 ms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything that more than one stage or face needs."""

    pepper: Pepper = field(repr=False)
    policy: PolicySource
    enter_policy: Callable[[PolicyEvent], None]
    policy_checker: PolicyChecker
    keys: KeyStore
    siblings: Siblings
    authenticator: Authenticator
    limiter: Limiter
    answers: Answers
    flights: Flights
    rewordings: Rewordings
    database: Database
    audit: DatabaseAuditLog
    keyring: Keyring
    tenant_keys: TenantKeys
    keeper: Keeper
    detector: ThreadedDetector
    shared_findings: SharedFindings | None
    redactor: Redactor
    vault: Vault
    embedder: E5
    asker: E5
    documents: Sources
    uploads: Uploads
    fleet: Fleet[CompiledDeployment]
    shadows: Shadows
    router: Router
    drain: Drain
    tracing: Tracing
    metrics: Metrics
    logs: Logs


def open_parts(
    settings: Settings,
    environ: Mapping[str, str],
    analyzer: Callable[[], Analyzer] | None,
    recognizers: Callable[[], Sequence[EntityRecognizer]],
    *,
    first: bool = True,
) -> Parts:
    """Raises PolicyError, ProtectionUnavailable, AuditUnavailable or TelemetryConfigurationError."""
    plugins, metrics, losses = Plugins(), configure_metrics(environ), Losses()
    metrics.watch_losses(losses.counts)

    def loaded(event: PolicyEvent) -> None:
        metrics.policy_event(event)
        if event.outcome is ReloadOutcome.APPLIED:
            siblings.announce(Hint(Topic.POLICY, policy.status.version))
        enter(event)

    def enter(event: PolicyEvent) -> None:
        if first:
            audit.append_soon(entry_of_act(act_of_policy(event)))

    policy = PolicySource(
        settings.policy,
        known_entities=built_in_entities(),
        surrogate_entities=SURROGATE_ENTITIES,
        environ=environ,
        plugins=plugins.offer,
        on_event=loaded,
    )
    metrics.watch_policy(lambda: policy.status)
    load_translators(policy.current)
    pepper, database = load_pepper(settings.secret_path, environ), open_database(settings.database())
    keys = open_keys(settings.keys_path, database, lambda: siblings.announce(Hint(Topic.KEYS)))
    keyring = Keyring(database, open_master(settings, environ))
    tenant_keys = TenantKeys(keyring.tenant)
    audit = DatabaseAuditLog(database, checkpointer=_checkpointer(settings))
    place = redis_place(settings)
    obey = {
        Topic.KEYS: lambda _: keys.look_again(),
        Topic.POLICY: policy.heard,
        Topic.CIRCUIT: lambda word: router.heard(word),
    }
    siblings: Siblings = Siblings(place, pepper.key_for("hints"), obey)
    router: Router = _router(settings, policy, pepper, siblings)
    cached = memories.cache_store(settings, place, pepper)
    rewordings = Rewordings(
        tenant_keys, memories.embedder(settings), memories.neighbours(cached, tenant_keys), near=settings.embeddings_near
    )
    answers = Answers(cached, tenant_keys, cleared=rewordings.forget)

    ours = analyzer is None and recognizers is default_recognizers
    shared_findings = memories.shared_findings(settings, place, tenant_keys, ours=ours)

    made = _engines(policy, plugins, recognizers) if analyzer is None else analyzer()
    detector = _in_threads(made, settings)
    remembering = memories.remembering(detector, settings, shared_findings)
    keeper, redactor = Keeper(tenant_keys), Redactor(remembering, pepper.key_for("pseudonyms"))
    vault, embedder = Vault(database, tenant_keys), E5()
    asker = E5()  # of its own: a question must not wait until a long document has its vectors
    library = DatabaseLibrary(database, tenant_keys, asker)

    def protection() -> Protection:
        return Protection(redactor, vault, database, tenant_keys, policy.current.entities)

    fleet = Fleet(lambda: policy.current.places, Connecting().adapter, lambda deployment: deployment.timeouts.total_s)
    return Parts(
        pepper=pepper,
        policy=policy,
        enter_policy=enter,
        policy_checker=PolicyChecker(
            known_entities=built_in_entities(), surrogate_entities=SURROGATE_ENTITIES, plugins=plugins.offer
        ),
        keys=keys,
        siblings=siblings,
        authenticator=Authenticator(keys, pepper, policy),
        limiter=memories.limiter(settings, place, pepper),
        answers=answers,
        flights=Flights(answers),
        rewordings=rewordings,
        database=database,
        audit=audit,
        keyring=keyring,
        tenant_keys=tenant_keys,
        keeper=keeper,
        detector=detector,
        shared_findings=shared_findings,
        redactor=redactor,
        vault=vault,
        embedder=embedder,
        asker=asker,
        documents=Sources(library, protection, vault, partial(_document_rules, policy), Origins(database)),
        uploads=open_uploads(database, tenant_keys, embedder, library, protection, partial(_document_rules, policy)),
        fleet=fleet,
        shadows=Shadows(fleet, router.standings, audit, keeper, partial(overheard, redactor)),
        router=router,
        drain=Drain(router.dismiss),
        tracing=configure_tracing(environ, losses),
        metrics=metrics,
        logs=configure_logs(environ, losses, access=settings.access_log, decision=settings.decision_log),
    )


def _engines(policy: PolicySource, plugins: Plugins, recognizers: Callable[[], Sequence[EntityRecognizer]]) -> Engines:
    """Recognizers, for each tenant those that policy wants."""
    quick = _INLINE_CHARACTERS if recognizers is default_recognizers else 0
    return Engines(lambda: policy.current.detections, standard=recognizers, plugin=plugins.recognizer, inline_characters=quick)


def _in_threads(analyzer: Analyzer, settings: Settings) -> ThreadedDetector:
    return ThreadedDetector(
        analyzer,
        threads=settings.detection_threads,
        timeout_s=settings.detection_timeout_s,
        backlog=settings.detection_backlog_chars,
    )


def _router(settings: Settings, policy: PolicySource, pepper: Pepper, siblings: Siblings) -> Router:
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
