"""What the gateway is made of, opened when it is built. Only here are rooms joined to each other; `lifespan` closes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from presidio_analyzer import EntityRecognizer

from gateway.api.admin.policy_check import PolicyChecker
from gateway.assembly import memories
from gateway.assembly.beside import Beside
from gateway.assembly.connecting import load_translators
from gateway.assembly.rooms import (
    Backends,
    Caching,
    Detecting,
    Documents,
    Keeping,
    Telemetry,
    open_backends,
    open_caching,
    open_detecting,
    open_documents,
    open_keeping,
    open_router,
)
from gateway.audit.act import act_of_policy, entry_of_act
from gateway.audit.act_reader import read_latest
from gateway.detection.detect import Analyzer
from gateway.detection.engines import Engines
from gateway.detection.recognizers.plugins import Plugins
from gateway.detection.recognizers.registry import built_in_entities, default_recognizers
from gateway.exchange import Decision, Principal
from gateway.identity.agreement import ACTIONS as ON_KEYS
from gateway.identity.agreement import ends_of
from gateway.identity.authenticator import Authenticator
from gateway.identity.key_store import KeyStore, open_keys
from gateway.identity.pepper import Pepper, load_pepper
from gateway.limits.limiter import Limiter
from gateway.policy.decide import decide
from gateway.policy.source import PolicySource
from gateway.policy.standing import Standing
from gateway.policy.status import PolicyEvent, ReloadOutcome
from gateway.protocol.facts import Facts
from gateway.redaction.surrogates import SURROGATE_ENTITIES
from gateway.routing.router import Router
from gateway.settings import Settings
from gateway.shared.hints import Hint, Topic
from gateway.shared.place import redis_place
from gateway.shared.siblings import Siblings
from gateway.store.database import Database, open_database
from gateway.telemetry.instruments import Metrics
from gateway.telemetry.logs import configure_logs
from gateway.telemetry.losses import Losses
from gateway.telemetry.metrics import configure_metrics
from gateway.telemetry.tracing import configure_tracing

_ACTS_COMPARED = 100_000
"""Entries on acts that are looked through at start for keys that have ended: 0.13 s of a processor where there are as many and
one in 100 is of a key, 1 s where each is."""
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
    beside: Beside
    authenticator: Authenticator
    limiter: Limiter
    keeping: Keeping
    caching: Caching
    detecting: Detecting
    documents: Documents
    backends: Backends
    telemetry: Telemetry

    def decide(self, who: Principal, facts: Facts) -> Decision:
        """By the policy that is in force at this moment."""
        return decide(self.policy.current, who, facts)

    def standing(self, who: Principal) -> Standing | None:
        """What the policy in force says of a caller; None where it has no place for one."""
        return self.policy.current.standing(who)


def _keys(settings: Settings, database: Database, on_change: Callable[[], None]) -> KeyStore:
    """Of those that acts on record ended, none is given back by the place where they are kept."""
    return open_keys(settings.keys_path, database, on_change, ends_of(read_latest(database, ON_KEYS, among=_ACTS_COMPARED)))


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

    def loaded(event: PolicyEvent) -> None:
        metrics.policy_event(event)
        if event.outcome is ReloadOutcome.APPLIED:
            siblings.announce(Hint(Topic.POLICY, policy.status.version))
        enter(event)

    def enter(event: PolicyEvent) -> None:
        if first:
            keeping.audit.append_soon(entry_of_act(act_of_policy(event)))

    policy = _policy(settings, environ, plugins, loaded)
    load_translators(policy.current)
    pepper, database = load_pepper(settings.secret_path, environ), open_database(settings.database())
    keys = _keys(settings, database, lambda: siblings.announce(Hint(Topic.KEYS)))
    keeping = open_keeping(settings, environ, database)
    _watch(metrics, losses, policy, keeping)
    place = redis_place(settings)
    obey = {
        Topic.KEYS: lambda _: keys.look_again(),
        Topic.POLICY: policy.heard,
        Topic.CIRCUIT: lambda word: router.heard(word),
    }
    siblings: Siblings = Siblings(place, pepper.key_for("hints"), obey)
    router: Router = open_router(settings, policy, pepper, siblings)
    ours = analyzer is None and recognizers is default_recognizers
    shared = memories.shared_findings(settings, place, keeping.tenant_keys, ours=ours)
    made = _engines(policy, plugins, recognizers) if analyzer is None else analyzer()
    detecting = open_detecting(made, settings, pepper, shared)
    return Parts(
        pepper=pepper,
        policy=policy,
        enter_policy=enter,
        policy_checker=_checker(plugins),
        keys=keys,
        siblings=siblings,
        beside=Beside(metrics.background_failed),
        authenticator=Authenticator(keys, pepper, policy),
        limiter=memories.limiter(settings, place, pepper),
        keeping=keeping,
        caching=open_caching(settings, place, pepper, keeping.tenant_keys),
        detecting=detecting,
        documents=open_documents(policy, keeping, detecting.redactor),
        backends=open_backends(router, policy, keeping, detecting.redactor),
        telemetry=Telemetry(
            tracing=configure_tracing(environ, losses),
            metrics=metrics,
            logs=configure_logs(environ, losses, access=settings.access_log, decision=settings.decision_log),
        ),
    )


def _watch(metrics: Metrics, losses: Losses, policy: PolicySource, keeping: Keeping) -> None:
    """What is not counted as it happens, but asked for when metrics are exported."""
    metrics.watch_losses(losses.counts)
    metrics.watch_policy(lambda: policy.status)
    metrics.watch_strangers(lambda: keeping.audit.counted)


def _policy(
    settings: Settings, environ: Mapping[str, str], plugins: Plugins, loaded: Callable[[PolicyEvent], None]
) -> PolicySource:
    return PolicySource(
        settings.policy,
        known_entities=built_in_entities(),
        surrogate_entities=SURROGATE_ENTITIES,
        environ=environ,
        plugins=plugins.offer,
        on_event=loaded,
    )


def _checker(plugins: Plugins) -> PolicyChecker:
    return PolicyChecker(known_entities=built_in_entities(), surrogate_entities=SURROGATE_ENTITIES, plugins=plugins.offer)


def _engines(policy: PolicySource, plugins: Plugins, recognizers: Callable[[], Sequence[EntityRecognizer]]) -> Engines:
    """Recognizers, for each tenant those that policy wants."""
    quick = _INLINE_CHARACTERS if recognizers is default_recognizers else 0
    return Engines(lambda: policy.current.detections, standard=recognizers, plugin=plugins.recognizer, inline_characters=quick)
