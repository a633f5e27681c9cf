"""Uploaded files and vector stores, as they are told to whoever may see them. Times are ISO 8601 in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

from gateway.moments import read

Attributes: TypeAlias = Mapping[str, str | float | bool]
LABELS = "labels"
"""The key of a store's metadata that says who may find what is in it; after that the labels stay."""


class FileStatus(StrEnum):
    UPLOADED = "uploaded"  # it is not known yet whom it mentions
    PROCESSED = "processed"


class Status(StrEnum):
    """Of a file in a store."""

    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    id: str
    tenant: str
    owner: str
    name: str = field(repr=False)
    bytes: int
    purpose: str
    status: FileStatus
    made_at: str
    expires_at: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What its maker says of a store."""

    name: str = field(default="", repr=False)
    description: str = field(default="", repr=False)
    metadata: Mapping[str, str] = field(default_factory=dict, repr=False)


def unnamed(labels: frozenset[str]) -> Named:
    """What is left where the words are gone: the labels are policy's, and stay."""
    return Named(metadata={LABELS: ",".join(sorted(labels))} if labels else {})


def is_over(days: int | None, active_at: str, now: datetime) -> bool:
    """Whether a store's time has passed."""
    return days is not None and read(active_at) + timedelta(days=days) <= now


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """A collection. `counts` says how many files of each status are in it; `bytes` is what their texts have."""

    id: str
    tenant: str
    labels: frozenset[str]
    named: Named
    days: int | None
    made_at: str
    active_at: str
    counts: Mapping[Status, int] = field(default_factory=dict)
    bytes: int = 0

    @property
    def expires_at(self) -> datetime | None:
        return None if self.days is None else read(self.active_at) + timedelta(days=self.days)

    def expired(self, now: datetime) -> bool:
        return is_over(self.days, self.active_at, now)

    def said(self, now: datetime) -> Named:
        """What is said of it; nothing once its time is over, also while it is not cleared yet."""
        return unnamed(self.labels) if self.expired(now) else self.named


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreFile:
    """`error` is a reason in words of ours, with the code that OpenAI has for such reasons."""

    store: str
    file: str
    batch: str | None
    status: Status
    error: tuple[str, str] | None
    document: str | None
    attributes: Attributes = field(repr=False)
    bytes: int
    made_at: str
