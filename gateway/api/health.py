"""`/healthz`: the process lives. `/readyz`: it can do its work, with a word on each part that cannot."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Response


@dataclass(frozen=True, slots=True)
class Condition:
    """How one part is. A part that is not `essential` is reported and does not make the gateway unready."""

    well: bool
    detail: str
    essential: bool = True


Conditions = Callable[[], Awaitable[Mapping[str, Condition]]]


def health_router(conditions: Conditions) -> APIRouter:
    router = APIRouter(tags=["health"])

    @router.get("/healthz", summary="Whether the process lives")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @router.get("/readyz", summary="Whether the gateway can do its work")
    async def readyz(response: Response) -> dict[str, Any]:
        found = await conditions()
        ready = all(condition.well for condition in found.values() if condition.essential)
        response.status_code = 200 if ready else 503
        return {
            "status": "ready" if ready else "not ready",
            "checks": {name: condition.detail for name, condition in found.items()},
        }

    return router
