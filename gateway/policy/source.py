"""The policy in force, kept up to date while the gateway runs."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from gateway.in_step import next_look
from gateway.moments import utc_now
from gateway.policy.compile import CompiledPolicy, compile_policy
from gateway.policy.reading.load import load_policy, read_bytes, version_of
from gateway.policy.reading.problems import PolicyError
from gateway.policy.reading.references import no_plugins
from gateway.policy.secret_refs import resolve_secrets
from gateway.policy.status import PolicyEvent, PolicyStatus, ReloadOutcome
from gateway.policy.usable import check_usable
from gateway.rules.detection import DetectionRules, PluginOffer

logger = logging.getLogger(__name__)

_REMIND_S = 300.0


@dataclass(frozen=True, slots=True)
class _Held:
    """A policy and what is said of it, replaced together: no reader sees one without the other."""

    policy: CompiledPolicy
    status: PolicyStatus


def _to_nobody(event: PolicyEvent) -> None:
    """Nobody listens."""


class PolicySource:
    """Holds the current policy; replaces it whole when the file changes and is valid.

    A file that is broken or gone changes nothing but `status`: the last valid policy stays in force, readiness says so, and
    an error that says why is logged at once and every five minutes for as long as that lasts. Keys in files and the
    environment are read again with the policy, so after rotating a key call `reload` (the server does on SIGHUP). Raises
    PolicyError when made, if the first load fails.

    `on_event` hears of every attempt after the first load, in their order and one at a time, on the thread of the attempt
    (the event loop's or another); it must be quick, must not call `reload`, and what it raises is logged by type and goes
    no further. `clock` counts seconds for the reminders.
    """

    def __init__(
        self,
        path: Path,
        *,
        known_entities: frozenset[str],
        surrogate_entities: frozenset[str],
        environ: Mapping[str, str],
        plugins: Callable[[str], PluginOffer] = no_plugins,
        interval_s: float = 1.0,
        on_event: Callable[[PolicyEvent], None] = _to_nobody,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._path = path
        self._known = known_entities
        self._surrogates = surrogate_entities
        self._environ = environ
        self._plugins = plugins
        self._interval_s = interval_s
        self._on_event = on_event
        self._clock = clock
        self._lock = threading.Lock()
        self._tried: str | None = None
        self._complained_at = 0.0
        self._held = self._fresh(self._load(()))

    @property
    def current(self) -> CompiledPolicy:
        """The policy in force. Take it once per exchange, so that one exchange sees one policy."""
        return self._held.policy

    @property
    def status(self) -> PolicyStatus:
        return self._held.status

    @property
    def problem(self) -> str | None:
        """Why the file on disk is not the policy in force; None when it is."""
        return self._held.status.problem

    def reload(self) -> bool:
        """Load the file again, whether or not it changed; False if the old policy had to stay. Never raises."""
        with self._lock:
            try:
                loaded = self._load(self.current.detections)
            except PolicyError as error:
                self._refuse(error.summary, len(error.problems))
            except Exception as error:  # noqa: BLE001  the watch must outlive any fault
                self._refuse(f"the policy could not be loaded ({type(error).__name__})", 1)
            else:
                self._apply(loaded)
                return True
            return False

    def heard(self, version: str) -> None:
        """Somebody has this version in force: take it now if the file holds it too, and so is whole. Never raises."""
        if version not in (self.status.version, self._tried) and self._fingerprint() == version:
            self.reload()

    async def watch(self) -> None:
        """Reload when the content has changed and then held still from one look to the next, half an interval at least: a
        half-written file is not read.

        Runs until it is cancelled. It compares content: file times are coarse, and mounted volumes swap whole folders.
        """
        before = self._tried
        while True:
            await next_look(self._interval_s)
            seen = await asyncio.to_thread(self._fingerprint)
            if seen == before and seen != self._tried:
                await asyncio.to_thread(self.reload)
            before = seen
            self._remind()

    def _load(self, detections: Iterable[DetectionRules]) -> CompiledPolicy:
        """Notes what was tried, for `watch`: the very bytes that are loaded, however often the file is swapped meanwhile."""
        self._tried = None
        raw = read_bytes(self._path)
        self._tried = version_of(raw)
        loaded = load_policy(
            self._path,
            known_entities=self._known,
            surrogate_entities=self._surrogates,
            plugins=self._plugins,
            raw=raw,
        )
        check_usable(loaded)
        return compile_policy(loaded, resolve_secrets(loaded, self._environ), detections)

    def _fingerprint(self) -> str | None:
        try:
            return version_of(read_bytes(self._path))
        except PolicyError:
            return None

    def _fresh(self, policy: CompiledPolicy) -> _Held:
        now = utc_now()
        return _Held(policy, PolicyStatus(version=policy.version, loaded_at=now, path=str(self._path), last_attempt=now))

    def _apply(self, loaded: CompiledPolicy) -> None:
        previous = self.status.version
        self._held = self._fresh(loaded)
        logger.info("policy %s is in force", loaded.version)
        self._tell(
            PolicyEvent(
                outcome=ReloadOutcome.APPLIED,
                version=loaded.version,
                previous=previous,
                problems=0,
                summary=f"policy {loaded.version} is in force",
            )
        )

    def _refuse(self, problem: str, problems: int) -> None:
        problem = _on_one_line(problem)
        status = replace(self.status, stale=True, problem=problem, last_attempt=utc_now())
        self._held = replace(self._held, status=status)
        self._complain(status)
        self._tell(
            PolicyEvent(
                outcome=ReloadOutcome.REFUSED,
                version=self._tried,
                previous=status.version,
                problems=problems,
                summary=problem,
            )
        )

    def _remind(self) -> None:
        status = self.status
        if status.stale and self._clock() - self._complained_at >= _REMIND_S:
            self._complain(status)

    def _complain(self, status: PolicyStatus) -> None:
        self._complained_at = self._clock()
        refused = f"the file was refused at {status.last_attempt}: {status.problem}"
        logger.error("policy not reloaded, version %s stays in force; %s", status.version, refused)

    def _tell(self, event: PolicyEvent) -> None:
        try:
            self._on_event(event)
        except Exception as error:  # noqa: BLE001  the policy is in force, or refused, whoever hears of it
            logger.error("a policy load was %s and could not be noted (%s)", event.outcome, type(error).__name__)


def _on_one_line(text: str) -> str:
    """Names from the file are quoted in it, and must not look like log lines of their own."""
    return "".join(sign if sign.isprintable() else " " for sign in text)
