"""Rules that depend on what is found, asked of uploads and of words about vector stores as of requests."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.api.knowledge.caller import Caller
from gateway.api.knowledge.parts import KnowledgeParts
from gateway.audit.act import Action
from gateway.errors import PolicyDenied


async def require_allowed(parts: KnowledgeParts, caller: Caller, texts: Sequence[str], action: Action) -> None:
    """Raises PolicyDenied, which is entered, where a rule denies the call in view of what stands in these texts, or takes a
    label from its caller; and what `Protection.counted` raises.
    """
    said = [text for text in texts if text]
    if not (caller.admitted.waits and said):
        return
    try:
        if caller.found(await parts.protection().counted(said, caller.reading)).rights != caller.rights:
            raise PolicyDenied("In view of what was found, policy gives you other labels.")
    except PolicyDenied as error:
        await parts.door.denied(caller.who, action, error)
        raise
