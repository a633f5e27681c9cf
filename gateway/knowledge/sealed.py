"""How documents and chunks are sealed: each with a data key of its own, which goes when they go. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import orjson

from gateway.keys.data_key import DataKey
from gateway.knowledge.embedding import Vector


@dataclass(frozen=True, slots=True)
class Cover:
    """What is known of a document."""

    title: str = field(repr=False)
    place: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Page:
    """What is kept of a chunk, less its vector. `section` is the headings above it."""

    title: str = field(repr=False)
    text: str = field(repr=False)
    section: str = field(repr=False)
    page: int | None


def seal_cover(key: DataKey, document: str, cover: Cover) -> bytes:
    return key.seal(orjson.dumps([cover.title, cover.place]), f"knowledge/document/{document}")


def open_cover(key: DataKey, document: str, sealed: bytes) -> Cover:
    """Raises Unreadable."""
    return Cover(*orjson.loads(key.unseal(sealed, f"knowledge/document/{document}")))


def seal_page(key: DataKey, chunk: int, page: Page) -> bytes:
    return key.seal(orjson.dumps([page.title, page.text, page.section, page.page]), f"knowledge/chunk/{chunk}")


def open_page(key: DataKey, chunk: int, sealed: bytes) -> Page:
    """Raises Unreadable."""
    return Page(*orjson.loads(key.unseal(sealed, f"knowledge/chunk/{chunk}")))


def seal_vector(key: DataKey, chunk: int, vector: Vector) -> bytes:
    """In half precision, which changes a cosine by less than 0.001."""
    return key.seal(vector.astype("<f2").tobytes(), f"knowledge/vector/{chunk}")


def open_vector(key: DataKey, chunk: int, sealed: bytes) -> Vector:
    """Raises Unreadable."""
    return np.frombuffer(key.unseal(sealed, f"knowledge/vector/{chunk}"), dtype="<f2").astype(np.float32)
