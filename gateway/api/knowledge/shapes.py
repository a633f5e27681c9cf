"""What programs send: OpenAI's fields, within OpenAI's limits. What we have no use for is accepted and ignored, as there."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    StringConstraints,
    ValidationError,
    model_validator,
)

from gateway.api.client import Client
from gateway.errors import MalformedBody

_MOST_PAIRS = 16
_Key: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=64)]
_Text: TypeAlias = Annotated[StrictStr, StringConstraints(max_length=512)]
Metadata: TypeAlias = Annotated[dict[_Key, _Text], Field(max_length=_MOST_PAIRS)]
_Whole: TypeAlias = Annotated[StrictInt, Field(ge=-(2**63), lt=2**63)]
_Number: TypeAlias = _Whole | Annotated[StrictFloat, Field(allow_inf_nan=False)]
Attributes: TypeAlias = Annotated[dict[_Key, _Text | StrictBool | _Number], Field(max_length=_MOST_PAIRS)]
FileId: TypeAlias = Annotated[str, StringConstraints(pattern=r"^file-[0-9a-f]{24}$")]
_Ids: TypeAlias = Annotated[list[FileId], Field(max_length=2_000)]
_Name: TypeAlias = Annotated[str, StringConstraints(max_length=256)]


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _null_is_unsaid(cls, said: Any) -> Any:
        """Where a field has another default: several clients send what was left open."""
        if not isinstance(said, dict):
            return said
        own = {name for name, field in cls.model_fields.items() if field.get_default() is not None and not field.is_required()}
        return {name: value for name, value in said.items() if value is not None or name not in own}


class ExpiresAfter(_Said):
    anchor: Literal["last_active_at"]
    days: Annotated[StrictInt, Field(ge=1, le=365)]


class MakeStore(_Said):
    name: _Name | None = None
    description: Annotated[str, StringConstraints(max_length=2_000)] | None = None
    metadata: Metadata | None = None
    expires_after: ExpiresAfter | None = None
    file_ids: _Ids = []


class ChangeStore(_Said):
    """A field that is not sent stays as it is."""

    name: _Name | None = None
    metadata: Metadata | None = None
    expires_after: ExpiresAfter | None = None


class AddFile(_Said):
    file_id: FileId
    attributes: Attributes | None = None


class DescribeFile(_Said):
    attributes: Attributes | None


class AddBatch(_Said):
    file_ids: _Ids = []
    files: Annotated[list[AddFile], Field(max_length=2_000)] = []
    attributes: Attributes | None = None


class Ranking(_Said):
    score_threshold: Annotated[float, Field(ge=0, le=1)] = 0.0


_Query: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=4_096)]


class Search(_Said):
    query: _Query | Annotated[list[_Query], Field(min_length=1, max_length=10)]
    max_num_results: Annotated[StrictInt, Field(ge=1, le=50)] = 10
    filters: Any = None
    ranking_options: Ranking = Ranking()

    @property
    def queries(self) -> list[str]:
        return [self.query] if isinstance(self.query, str) else self.query


_Shape = TypeVar("_Shape", bound=_Said)


async def said(client: Client, shape: type[_Shape]) -> _Shape:
    """The body. Raises MalformedBody, which names a field of ours and quotes nothing."""
    try:
        return shape.model_validate_json(await client() or b"{}")
    except ValidationError as error:
        detail = error.errors(include_url=False, include_input=False)[0]
        field = next((step for step in detail["loc"][:1] if isinstance(step, str)), None)
        raise MalformedBody(f"The body is not as it has to be: {detail['msg']}.", param=field) from None
