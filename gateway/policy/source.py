"""The policy in force, kept up to date while the gateway runs."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from gateway.detection_rules import DetectionRules, PluginOffer
from gateway.policy.compile import CompiledPolicy, compile_policy
from gateway.policy.load import load_policy, read_bytes, version_of
from gateway.policy.problems import PolicyError
from gateway.policy.references import no_plugins
from gateway.policy.secret_refs import resolve_secrets

logger = logging.getLogger(__name__)


class PolicySource:
    """Holds the current policy; replaces it whole when the file changes and is valid.

    A file that is broken or gone changes nothing but `problem`: the last valid policy stays in force, readiness says
    why, and one error line is logged. Keys in files and the environment are read again with the policy, so after rotating a
    key call `reload` (the server does on SIGHUP). Raises PolicyError when made, if the first load fails.
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
    ) -> None:
        self._path = path
        self._known = known_entities
        self._surrogates = surrogate_entities
        self._environ = environ
        self._plugins = plugins
        self._interval_s = interval_s
        self._lock = threading.Lock()
        self._tried: str | None = None
        self._problem: str | None = None
        self._current = self._load(())

    @property
    def current(self) -> CompiledPolicy:
        """The policy in force. Take it once per exchange, so that one exchange sees one policy."""
        return self._current

    @property
    def problem(self) -> str | None:
        """Why the file on disk is not the policy in force; None when it is."""
        return self._problem

    def reload(self) -> bool:
        """Load the file again, whether or not it changed; False if the old policy had to stay. Never raises."""
        with self._lock:
            try:
                loaded = self._load(self._current.detections)
            except PolicyError as error:
                self._keep(error.summary)
            except Exception as error:  # noqa: BLE001  the watch must outlive any fault
                self._keep(f"the policy could not be loaded ({type(error).__name__})")
            else:
                self._current, self._problem = loaded, None
                logger.info("policy %s is in force", loaded.version)
                return True
            return False

    async def watch(self) -> None:
        """Reload when the content has changed and then held still for one interval: a half-written file is not read.

        Runs until it is cancelled. It compares content: file times are coarse, and mounted volumes swap whole folders.
        """
        before = self._tried
        while True:
            await asyncio.sleep(self._interval_s)
            seen = await asyncio.to_thread(self._fingerprint)
            if seen == before and seen != self._tried:
                await asyncio.to_thread(self.reload)
            before = seen

    def _load(self, detections: Iterable[DetectionRules]) -> CompiledPolicy:
        self._tried = self._fingerprint()
        loaded = load_policy(self._path, known_entities=self._known, surrogate_entities=self._surrogates, plugins=self._plugins)
        return compile_policy(loaded, resolve_secrets(loaded, self._environ), detections)

    def _fingerprint(self) -> str | None:
        try:
            return version_of(read_bytes(self._path))
        except PolicyError:
            return None

    def _keep(self, problem: str) -> None:
        self._problem = problem
        logger.error("policy not reloaded, version %s stays in force: %s", self._current.version, problem)
