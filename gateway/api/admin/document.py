"""The OpenAPI document as it is: FastAPI adds a 422 of its own to every operation, which this API answers with a 400."""

from __future__ import annotations

import json
from typing import Any

from fastapi import FastAPI

_FASTAPIS_OWN = ("HTTPValidationError", "ValidationError")


def describe(app: FastAPI) -> None:
    """Make `app.openapi()` tell only of answers that are given."""
    generated = app.openapi

    def openapi() -> dict[str, Any]:
        document = generated()
        for operations in document["paths"].values():
            for operation in operations.values():
                operation["responses"].pop("422", None)
        for name in _FASTAPIS_OWN:
            document["components"]["schemas"].pop(name, None)
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend the document


def document_text(app: FastAPI) -> str:
    """The content of `docs/openapi-admin.json`."""
    return json.dumps(app.openapi(), indent=2, ensure_ascii=False) + "\n"
