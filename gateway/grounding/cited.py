"""A reply with its citations, as it passes: nothing is held back for them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import aclosing
from functools import partial

from gateway.exchange import Body, Reply
from gateway.grounding.citations import File
from gateway.grounding.cited_chat import CitedChat
from gateway.grounding.cited_response import CitedResponse
from gateway.protocol.wire import JsonObject, Surface


def cited(reply: Reply, surface: Surface, files: Mapping[int, File], call: JsonObject | None) -> Reply:
    """`call` is the output item of a search that the client asked for. An error is passed on as it is."""
    if reply.status >= 400 or not (files or call):
        return reply
    citing = CitedResponse(files, call) if surface is Surface.RESPONSES else CitedChat(files)
    return reply.through(partial(_passed, citing=citing))


async def _passed(body: Body, citing: CitedChat | CitedResponse) -> Body:
    async with aclosing(body) as events:
        async for event in events:
            for told in citing.events(event):
                yield told
