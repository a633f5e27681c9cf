"""The models of the gateway, as it lists them to this caller."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from fastapi import APIRouter
from fastapi.responses import JSONResponse

from gateway.errors import UpstreamUnreachable

_PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class GatewayModels:
    """`url` ends in `/v1`."""

    url: str
    key: str = field(repr=False)
    tls: ssl.SSLContext | None = field(default=None, repr=False)

    async def get(self) -> tuple[int, Any]:
        """The gateway's status and what it said. Raises UpstreamUnreachable."""
        timeout, headers = aiohttp.ClientTimeout(total=_PATIENCE_S), {"authorization": f"Bearer {self.key}"}
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout, trust_env=False) as session,
                session.get(f"{self.url}/models", headers=headers, ssl=self.tls or True, allow_redirects=False) as answer,
            ):
                return answer.status, await answer.json()
        except (aiohttp.ClientError, TimeoutError, ValueError):
            raise UpstreamUnreachable("the gateway does not say which models there are") from None


def models_router(models: GatewayModels) -> APIRouter:
    """`GET /v1/models`."""
    router = APIRouter(prefix="/v1/models")

    @router.get("")
    async def list_models() -> JSONResponse:
        status, said = await models.get()
        return JSONResponse(said, status)

    return router
