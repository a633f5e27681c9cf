"""The name of the model in an answer, as its client knows it."""

from __future__ import annotations

from gateway.protocol.wire import JsonObject


def named(delta: JsonObject, model: str) -> JsonObject:
    """The answer, or an event of it, under this name, where it names a model at all. What others may hold is not changed."""
    if isinstance(delta.get("model"), str) and delta["model"] != model:
        return {**delta, "model": model}
    inside = delta.get("response")  # events of /v1/responses wrap the answer
    if isinstance(inside, dict) and isinstance(inside.get("model"), str) and inside["model"] != model:
        return {**delta, "response": {**inside, "model": model}}
    return delta
