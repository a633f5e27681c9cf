"""The one prompt of completions that documents can be laid before. Pure.

Policy that grounds a model must not be got around by asking it on another endpoint. So what cannot be grounded is refused:
several prompts would each need documents of their own, token ids cannot be read, `suffix` asks what lies between two texts,
and `echo` would have the documents come back as if the caller had written them.
"""

from __future__ import annotations

from gateway.errors import InvalidRequest
from gateway.protocol.wire import JsonObject, Path

_UNFIT = ("suffix", "echo", "prompt_embeds")


def only_prompt(request: JsonObject) -> tuple[Path, str]:
    """Where it stands, and what it says. Raises InvalidRequest."""
    for field in _UNFIT:
        if request.get(field):
            raise InvalidRequest(f"This answer is to be grounded in documents: leave out '{field}'.", param=field)
    prompt = request.get("prompt")
    if isinstance(prompt, str):
        return ("prompt",), prompt
    if isinstance(prompt, list) and len(prompt) == 1 and isinstance(prompt[0], str):
        return ("prompt", 0), prompt[0]
    raise InvalidRequest("This answer is to be grounded in documents: send one prompt, as text.", param="prompt")
