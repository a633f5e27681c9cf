"""`/v1/vector_stores/{store}/search`: passages of a store, within the caller's rights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeAlias

from fastapi import APIRouter, Depends, Request

from gateway.api.knowledge.caller import Caller
from gateway.api.knowledge.parts import KnowledgeParts
from gateway.api.knowledge.shapes import Search, said
from gateway.api.knowledge.store_files import StoreFiles
from gateway.api.knowledge.stores import store_of
from gateway.audit.act import Action
from gateway.errors import EntityBlocked, PolicyDenied
from gateway.grounding.again import as_in_an_answer
from gateway.grounding.opened import keys_in, opened
from gateway.grounding.sources import is_usable
from gateway.knowledge.library import Passage, Question
from gateway.knowledge.uploads.filters import filter_of
from gateway.knowledge.uploads.shapes import StoreFile
from gateway.knowledge.uploads.stores import touch
from gateway.redaction.placeholders import Key
from gateway.vault.drawer import drawer_of

Texts: TypeAlias = tuple[str, str]
"""Title and text of a passage, as they are given out."""


def search_router(parts: KnowledgeParts) -> APIRouter:
    router, desk = (
        APIRouter(
            prefix="/v1/vector_stores/{store}/search", tags=["vector stores"], dependencies=[Depends(parts.door.counted)]
        ),
        Desk(parts),
    )

    @router.post("", summary="Search a vector store")
    async def search(request: Request, store: str) -> dict[str, Any]:
        caller = await parts.door.caller(request, Action.KNOWLEDGE_SEARCH)
        found = await store_of(parts, caller, store)
        asked = await said(caller.client, Search)
        async with parts.acts.entered(caller.act(Action.KNOWLEDGE_SEARCH, store)):
            # One whose time is over is empty, also while it is not cleared yet; to ask it makes it no younger.
            results = [] if found.expired(parts.keeping.now) else await desk.results(caller, store, asked)
        return {
            "object": "vector_store.search_results.page",
            "search_query": asked.queries,
            "data": results,
            "has_more": False,
            "next_page": None,
        }

    return router


class Desk:
    def __init__(self, parts: KnowledgeParts) -> None:
        self._parts = parts
        self._files = StoreFiles(parts)

    async def results(self, caller: Caller, store: str, asked: Search) -> list[dict[str, Any]]:
        """The best first. Raises MalformedBody for filters that we do not know."""
        keeps = None if asked.filters is None else filter_of(asked.filters)
        files = {file.document: file for file in await self._files.all(caller, store) if file.document is not None}
        only = None if keeps is None else frozenset(one for one, file in files.items() if keeps(file.attributes))
        found = await self._passages(caller, store, asked, only)
        passages = [one for one in found if one.score >= asked.ranking_options.score_threshold]
        await self._parts.keeping.write(caller.tenant, lambda connection, _: touch(connection, store, self._parts.keeping.now))
        values = await self._values(caller, passages)
        caller = await self._in_view(caller, asked.queries, passages, values)
        usable = [one for one in passages if is_usable(one, values, caller.reading.request)]
        given = await self._given(caller, usable, values, asked.max_num_results)
        return [_result(one, files.get(one.document), texts) for one, texts in given]

    async def _in_view(
        self, caller: Caller, queries: Sequence[str], passages: Sequence[Passage], values: Mapping[Key, str]
    ) -> Caller:
        """The caller under the rules that apply because of what stands in questions and passages. Raises PolicyDenied."""
        if not caller.admitted.waits:
            return caller
        texts = [*queries, *(opened(text, values).text for one in passages for text in (one.title, one.text))]
        now = caller.found(await self._parts.protection().counted(texts, caller.reading))
        if now.terms.grounding != caller.terms.grounding:
            raise PolicyDenied("In view of what was found, policy lets other documents be searched, or none.")
        return now

    async def _given(
        self, caller: Caller, usable: Sequence[Passage], values: Mapping[Key, str], most: int
    ) -> list[tuple[Passage, Texts]]:
        """Title and text as an answer would have them."""
        given: list[tuple[Passage, Texts]] = []
        for one in usable:
            with suppress(EntityBlocked):
                title, text = await as_in_an_answer(self._parts.protection(), (one.title, one.text), values, caller.reader)
                given.append((one, (title, text)))
            if len(given) == most:
                break
        return given

    async def _passages(self, caller: Caller, store: str, asked: Search, only: frozenset[str] | None) -> Sequence[Passage]:
        """Those of some documents, or of all in the store."""
        rules, best = self._parts.rules_of(caller.tenant), dict[str, Passage]()
        for query in asked.queries:
            text = await self._parts.protection().question(caller.tenant, query, rules)
            question = Question(caller.tenant, caller.rights, text, asked.max_num_results, frozenset({store}), only)
            for one in await self._parts.library.search(question):
                if one.id not in best or one.score > best[one.id].score:
                    best[one.id] = one
        return sorted(best.values(), key=lambda one: -one.score)

    async def _values(self, caller: Caller, passages: Sequence[Passage]) -> Mapping[Key, str]:
        """What placeholders stand for."""
        keys = keys_in(text for one in passages for text in (one.title, one.section, one.text))
        if not keys:
            return {}
        drawer = drawer_of(await self._parts.vault.key(caller.tenant), "tenant")
        return await self._parts.vault.recall(drawer, keys)


def _result(passage: Passage, file: StoreFile | None, texts: Texts) -> dict[str, Any]:
    """What an operator put into the store has no file."""
    title, text = texts
    return {
        "file_id": passage.document if file is None else file.file,
        "filename": title,
        "score": min(passage.score, 1.0),
        "attributes": {} if file is None else dict(file.attributes),
        "content": [{"type": "text", "text": text}],
    }
