"""The routes, the longer paths first."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter

from gateway.api.knowledge.files import files_router
from gateway.api.knowledge.parts import KnowledgeParts
from gateway.api.knowledge.search import search_router
from gateway.api.knowledge.store_files import batches_router, store_files_router
from gateway.api.knowledge.stores import stores_router


def knowledge_routers(parts: KnowledgeParts) -> Iterator[APIRouter]:
    for make in (files_router, search_router, store_files_router, batches_router, stores_router):
        yield make(parts)
