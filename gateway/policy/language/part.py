"""What all parts of the policy file are made of."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticCustomError


class Part(BaseModel):
    """Frozen, no unknown fields, and no input in error texts."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def refuse(message: str, fix: str) -> PydanticCustomError:
    """An error that carries its own fix; both are written by us and quote nothing from the file."""
    return PydanticCustomError("policy", "{message}", {"message": message, "fix": fix})
