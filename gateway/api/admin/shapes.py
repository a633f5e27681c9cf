"""What the bodies of this API are made of, and how its operations say which refusals they give."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from fastapi import Path, Query
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from gateway.rules.identity import ID_PATTERN


def _unicode(text: str) -> str:
    """JSON can write half a character, which no file, log or answer can hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise PydanticCustomError("half_a_character", "Input should hold whole characters") from None
    return text


def _whole(number: object) -> object:
    """To JSON Schema 5.0 is a whole number; to nobody is `true`, or a text."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


Text: TypeAlias = Annotated[str, AfterValidator(_unicode)]

Id: TypeAlias = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
Count: TypeAlias = Annotated[int, Field(strict=True, ge=0, le=2**31), BeforeValidator(_whole)]
Days: TypeAlias = Annotated[int, Field(strict=True, ge=1, le=36_500), BeforeValidator(_whole)]
Seconds: TypeAlias = Annotated[int, Field(strict=True, ge=0, le=366 * 86_400), BeforeValidator(_whole)]
KeyId: TypeAlias = Annotated[str, StringConstraints(pattern=r"^pg[wa]_[a-z0-9]{8}$")]

TenantPath: TypeAlias = Annotated[Id, Path(description="A tenant of the policy.", examples=["bank"])]
PrincipalPath: TypeAlias = Annotated[Id, Path(description="A principal of that tenant.", examples=["service-desk"])]
KeyIdPath: TypeAlias = Annotated[KeyId, Path(description="The public id of a key.", examples=["pgw_3f9k2m1x"])]
TenantQuery: TypeAlias = Annotated[Id, Query(description="A tenant of the policy.", examples=["bank"])]
PrincipalQuery: TypeAlias = Annotated[Id | None, Query(description="A principal of that tenant.", examples=["service-desk"])]
TeamQuery: TypeAlias = Annotated[
    Id | None, Query(description="The team, for a principal that an identity provider puts into an open one.")
]
PageSize: TypeAlias = Annotated[int, Query(ge=1, le=200, description="At most so many.")]

_REFUSALS = {
    400: "The request is not as it has to be.",
    401: "No credential, or one that is not a person's. The attempt is on record.",
    403: "None of the person's roles allows this. The attempt is on record.",
    404: "There is no such thing, or it is not the person's to see.",
    408: "The body did not arrive in time.",
    409: "Things are not as this act needs them.",
    413: "The body is too large.",
    500: "A fault of the gateway's.",
    503: "The gateway cannot do this now: the audit log, the key store or a token's issuer is not to be had.",
}
_ALWAYS = (400, 401, 403, 404, 408, 413, 500, 503)


class Shape(BaseModel):
    """A body. Frozen, closed, and never quoted in an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class ErrorDetail(Shape):
    message: str = Field(description="What is wrong, in words that quote nothing that was sent.")
    type: str = Field(examples=["permission_error"])
    param: str | None = Field(description="The field at fault.")
    code: str = Field(examples=["not_permitted"])


class ErrorBody(Shape):
    """A refusal in OpenAI's shape."""

    error: ErrorDetail


def refusals(*more: int) -> dict[int | str, dict[str, Any]]:
    """The refusals that every operation may give, and these."""
    return {status: {"model": ErrorBody, "description": _REFUSALS[status]} for status in sorted({*_ALWAYS, *more})}
