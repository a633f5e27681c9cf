"""`GET /v1/models`: the models that the caller may use, as OpenAI lists them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from fastapi import APIRouter, Request

from gateway.api.client import credential_of, peer_of
from gateway.api.door import Authenticate
from gateway.errors import ModelNotFound
from gateway.exchange import Principal

VisibleModels = Callable[[Principal], Sequence[str]]


def models_router(authenticate: Authenticate, visible: VisibleModels) -> APIRouter:
    """`authenticate` and `visible` answer from the policy in force."""
    router = APIRouter(prefix="/v1/models", tags=["models"])

    async def _caller(request: Request) -> Principal:
        return await authenticate(credential_of(request.headers), peer_of(request.scope))

    @router.get("", summary="The models you may use")
    async def list_models(request: Request) -> dict[str, Any]:
        names = visible(await _caller(request))
        return {"object": "list", "data": [_model(name) for name in names]}

    @router.get("/{model:path}", summary="One model you may use")
    async def get_model(model: str, request: Request) -> dict[str, Any]:
        if model not in visible(await _caller(request)):
            raise ModelNotFound("The model does not exist or you do not have access to it.", param="model")
        return _model(model)

    return router


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "gateway"}
