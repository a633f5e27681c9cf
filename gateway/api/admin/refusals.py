"""What only this API refuses with. No refusal quotes what was sent."""

from __future__ import annotations

from fastapi.exceptions import RequestValidationError

from gateway.errors import GatewayError, InvalidRequest, MalformedBody


class Forbidden(GatewayError):
    status = 403
    type = "permission_error"
    code = "not_permitted"


class NotFound(InvalidRequest):
    status = 404
    code = "not_found"


class Conflict(InvalidRequest):
    status = 409
    code = "conflict"


def no_such(what: str) -> NotFound:
    """One text for what is not there and for what is another tenant's: else a guess at a name would be answered."""
    return NotFound(f"There is no such {what}, or it is not yours to see.")


def malformed(error: RequestValidationError, as_json: bool) -> MalformedBody:
    """The first complaint. pydantic's words name types and limits, never the input; a field's name is told if it is ours."""
    detail = error.errors()[0]
    if detail["loc"] == ("body",) and detail["type"] != "missing" and not as_json:
        return MalformedBody("The body has to be JSON, sent with 'content-type: application/json'.")
    place, steps = detail["loc"][0], [step for step in detail["loc"][1:2] if isinstance(step, str)]
    field = steps[0] if steps and detail["type"] != "extra_forbidden" else None
    where = f"The field {field}" if field else f"The {place}"
    return MalformedBody(f"{where} is not as it has to be: {detail['msg']}.", param=field)
