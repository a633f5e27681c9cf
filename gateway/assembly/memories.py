"""What is remembered, and where: in this process, or on Redis where several processes share it."""

from __future__ import annotations

from gateway.audit.tenant_keys import TenantKeys
from gateway.caching.memory import MemoryStore
from gateway.caching.redis_store import RedisStore
from gateway.caching.semantic.embedder import Embedder, LocalEmbedder, UpstreamEmbedder
from gateway.caching.semantic.neighbours import MemoryNeighbours, Neighbours
from gateway.caching.semantic.redis_neighbours import RedisNeighbours
from gateway.detection.detect import Detector
from gateway.detection.service.findings_cache import RememberingDetector
from gateway.detection.service.shared_findings import SharedFindings
from gateway.identity.pepper import Pepper
from gateway.limits.fallback import FallbackLimiter
from gateway.limits.limiter import Limiter
from gateway.limits.stores import in_memory, on_redis
from gateway.settings import Settings
from gateway.shared.place import RedisPlace


def remembering(detector: Detector, settings: Settings, shared: SharedFindings | None) -> Detector:
    """The detector with its memory of what it found, unless that is switched off."""
    megabytes = settings.detection_cache_mb
    return RememberingDetector(detector, max_bytes=megabytes * 2**20, shared=shared) if megabytes else detector


def shared_findings(settings: Settings, place: RedisPlace | None, keys: TenantKeys, *, ours: bool) -> SharedFindings | None:
    """Only of our own recognizers and the policy's: of others nobody knows whether they are the same in another process."""
    if place is None or not ours or not settings.detection_cache_mb or not settings.detection_cache_redis_chars:
        return None
    most = settings.detection_cache_mb * 2**20
    return SharedFindings(place, keys, from_characters=settings.detection_cache_redis_chars, max_bytes=most)


def limiter(settings: Settings, place: RedisPlace | None, pepper: Pepper) -> Limiter:
    """What counts, also while Redis is away where policy lets each process count alone."""
    if place is None:
        return in_memory()
    shared = on_redis(place, pepper.key_for("limits"), timeout_s=settings.redis_timeout_s)
    return FallbackLimiter(shared, in_memory())


def cache_store(settings: Settings, place: RedisPlace | None, pepper: Pepper) -> MemoryStore | RedisStore:
    """Where answers are kept."""
    if place is None:
        return MemoryStore(settings.cache_mb * 2**20)
    return RedisStore(place, pepper.key_for("cache"))


def neighbours(store: MemoryStore | RedisStore, keys: TenantKeys) -> Neighbours:
    """Where wordings are kept: where the answers are."""
    if isinstance(store, MemoryStore):
        return MemoryNeighbours(lambda: store.fence)
    return RedisNeighbours(store.link, store.names, keys)


def embedder(settings: Settings) -> Embedder:
    """Whose vectors say how near two wordings are."""
    if settings.embeddings_url is None:
        return LocalEmbedder()
    key = settings.embeddings_key
    return UpstreamEmbedder(settings.embeddings_url, settings.embeddings_model, key.get_secret_value() if key else None)
