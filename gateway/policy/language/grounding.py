"""What a level, a rule or a model says of documents: what is kept of them, and which of them ground answers."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Field, StrictInt, StringConstraints

from gateway.obligations import OperatorKind
from gateway.policy.language.knowledge import Writer
from gateway.policy.language.part import Part, refuse

ALL = "*"
"""In `collections`: every collection of the tenant."""

_MOST_PASSAGES = 50
_LEAST_TOKENS, _MOST_TOKENS = 50, 100_000


def _passages(number: int) -> int:
    if not 1 <= number <= _MOST_PASSAGES:
        raise refuse("out of range", f"write a whole number from 1 to {_MOST_PASSAGES}")
    return number


def _tokens(number: int) -> int:
    if not _LEAST_TOKENS <= number <= _MOST_TOKENS:
        raise refuse("out of range", f"write a whole number from {_LEAST_TOKENS} to {_MOST_TOKENS}")
    return number


Collection: TypeAlias = Annotated[str, StringConstraints(pattern=r"^(\*|[A-Za-z0-9][A-Za-z0-9._@-]{0,127})$")]
AccessLabel: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[^\s:,\x00-\x1f]{1,200}$")]
Passages: TypeAlias = Annotated[
    StrictInt, Field(json_schema_extra={"minimum": 1, "maximum": _MOST_PASSAGES}), AfterValidator(_passages)
]
Tokens: TypeAlias = Annotated[
    StrictInt, Field(json_schema_extra={"minimum": _LEAST_TOKENS, "maximum": _MOST_TOKENS}), AfterValidator(_tokens)
]


class Grounding(Part):
    """Which documents ground answers, and when."""

    collections: tuple[Collection, ...] | None = Field(
        default=None, description='Documents of these collections, or ["*"] for all. Default: as further out, or none.'
    )
    passages: Passages | None = Field(
        default=None, description="Passages of documents for one answer; the smallest number holds. Default: 5."
    )
    tokens: Tokens | None = Field(
        default=None, description="Tokens that they may have together; the smallest number holds. Default: 1500."
    )
    when: Literal["asked", "always"] | None = Field(
        default=None,
        description="asked: where the request asks for it. always: in every answer. Default: as further out, or asked.",
    )
    otherwise: Literal["answer", "say_so"] | None = Field(
        default=None,
        alias="else",
        description="Where no document fits: answer, as without documents, or say_so, without asking the model. Default: as "
        "further out, or answer.",
    )


class Knowledge(Grounding):
    """What is done with documents before they are stored for grounding, and which of them ground answers."""

    entities: dict[str, OperatorKind] = Field(
        default={}, description="Operator for each type in documents, where it is to be stricter than in requests."
    )
    labels: tuple[AccessLabel, ...] | None = Field(
        default=None,
        description="Labels of documents that callers may see. A document is found where its caller has all of its labels. "
        "Default: as further out, or none.",
    )
    write: tuple[Writer, ...] | None = Field(
        default=None,
        description='Roles that may upload files and keep vector stores, or ["*"] for every caller at this level. Default: as '
        "further out, or none.",
    )
