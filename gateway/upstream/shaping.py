"""A request as one kind of server understands it. Pure; a body that needs nothing is the same object."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.protocol.wire import JsonObject, Surface
from gateway.upstream.servers import Server


@dataclass(frozen=True, slots=True)
class Shaped:
    """What is sent. `usage_unasked`: the stream will tell usage that the client did not ask for."""

    body: JsonObject = field(repr=False)
    usage_unasked: bool = False


def shaped(body: JsonObject, server: Server, surface: Surface, *, stream: bool, cache_salt: str | None = None) -> Shaped:
    """The body for this server. A `cache_salt` takes the place of what the client sent."""
    if cache_salt is not None:
        body = {**body, "cache_salt": cache_salt}
    if server.wants_stops_in_a_list and isinstance(body.get("stop"), str):
        body = {**body, "stop": [body["stop"]]}
    if not stream or surface not in server.tells_usage_if_asked:
        return Shaped(body)
    options = body.get("stream_options")
    written = options if isinstance(options, dict) else {}
    if written.get("include_usage") is True:
        return Shaped(body)
    return Shaped({**body, "stream_options": {**written, "include_usage": True}}, usage_unasked=True)


def without_usage(delta: JsonObject) -> JsonObject | None:
    """An event of a stream without the usage that nobody asked for; None where nothing is left that a client waits for.

    The last event has usage and no choice. Ollama has zeros in the events before it.
    """
    if "usage" not in delta:
        return delta
    if not delta.get("choices"):
        return None
    return {name: value for name, value in delta.items() if name != "usage"}
