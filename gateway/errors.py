"""Every refusal the gateway can give, as one tree with one OpenAI-shaped body.

::

    GatewayError
    ├── InvalidRequest             400  the client can mend it
    │   ├── MalformedBody          400  not JSON, not UTF-8, too deep, wrong types
    │   ├── PayloadTooLarge        413
    │   ├── TextTooLong            413  more text than policy lets a request have
    │   ├── BodyTimeout            408  the client did not send its body in time
    │   ├── CallNotFound           404  no such call of the caller's own
    │   ├── ItemNotFound           404  no such item of an answer that the caller got
    │   ├── UnsupportedParameter   400  the deployment of this model cannot take what the request asks for; another one may
    │   └── UninspectableContent   400  images, audio, files, token ids, unless policy lets them through
    ├── NotCached                  504  the client wants a cached answer or none, and there is none
    ├── Unauthenticated            401
    ├── PolicyDenied               403  a rule said no
    │   ├── EntityBlocked          403  a kind of personal data that policy blocks
    │   └── ModelNotFound          404  OpenAI's answer to a model that the caller may not use
    ├── NotPermitted               403  a person may not do this, or not alone
    ├── BudgetSpent                403  what a data set may tell about people has been told
    ├── RateLimited                429  a limit of the policy is reached
    ├── Overloaded                 503  every backend that may answer is busy, for longer than a request waits
    ├── ProtectionUnavailable      503  the gateway cannot do its work, so it does not forward (fail closed)
    │   ├── DetectionUnavailable   503
    │   ├── AuditUnavailable       503
    │   ├── Unreadable             503  sealed bytes do not open: changed, cut, or sealed for another place
    │   ├── TenantKeyUnusable      503  a tenant's key does not open with the master key that is here
    │   ├── KeyDestroyed           410  what this key opened was erased, for good
    │   └── InternalFault          500  a bug of ours: typed, counted, never explained with content
    └── UpstreamError              502  the backend failed
        ├── UpstreamUnreachable    502
        ├── UpstreamProtocolError  502  malformed SSE, a shape that cannot be inspected, an oversized line
        ├── UpstreamTruncated      502  the stream ended before it was finished
        └── UpstreamTimeout        504

Messages are written by us and name fields, rules and limits. They never quote what a client or a backend sent: an error
travels to logs, spans and the audit record, where no raw value may rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


class GatewayError(Exception):
    """A refusal with an HTTP status and OpenAI's `type` and `code`; `param` is the path of the field at fault.

    `retry_after` counts seconds; `headers`, in lower case, go to the client beside the body.
    """

    status: ClassVar[int] = 500
    type: ClassVar[str] = "server_error"
    code: ClassVar[str] = "internal_error"

    def __init__(
        self,
        message: str,
        *,
        param: str | None = None,
        retry_after: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        self.retry_after = retry_after
        self.headers = dict(headers or {})

    def body(self) -> dict[str, Any]:
        """The body that OpenAI clients parse: `{"error": {"message", "type", "param", "code"}}`."""
        return {"error": {"message": self.message, "type": self.type, "param": self.param, "code": self.code}}


class InvalidRequest(GatewayError):
    status = 400
    type = "invalid_request_error"
    code = "invalid_request"


class MalformedBody(InvalidRequest):
    code = "malformed_body"


class PayloadTooLarge(InvalidRequest):
    status = 413
    code = "payload_too_large"


class TextTooLong(InvalidRequest):
    status = 413
    code = "text_too_long"


class BodyTimeout(InvalidRequest):
    status = 408
    code = "body_timeout"


class CallNotFound(InvalidRequest):
    status = 404
    code = "call_not_found"


class ItemNotFound(InvalidRequest):
    """The status is OpenAI's."""

    status = 404
    code = "item_not_found"


class UnsupportedParameter(InvalidRequest):
    """The code is OpenAI's."""

    code = "unsupported_parameter"


class UninspectableContent(InvalidRequest):
    code = "uninspectable_content"


class NotCached(GatewayError):
    """The status is that of RFC 9111, 5.2.1.7."""

    status = 504
    type = "invalid_request_error"
    code = "not_cached"


class Unauthenticated(GatewayError):
    status = 401
    type = "authentication_error"
    code = "invalid_api_key"


class PolicyDenied(GatewayError):
    status = 403
    type = "permission_error"
    code = "policy_denied"


class EntityBlocked(PolicyDenied):
    code = "entity_blocked"


class ModelNotFound(PolicyDenied):
    status = 404
    type = "invalid_request_error"
    code = "model_not_found"


class NotPermitted(GatewayError):
    status = 403
    type = "permission_error"
    code = "not_permitted"


class BudgetSpent(GatewayError):
    """Of differential privacy: no waiting helps."""

    status = 403
    type = "permission_error"
    code = "privacy_budget_spent"


class RateLimited(GatewayError):
    status = 429
    type = "rate_limit_error"
    code = "rate_limit_exceeded"


class Overloaded(GatewayError):
    status = 503
    type = "server_error"
    code = "overloaded"


class ProtectionUnavailable(GatewayError):
    status = 503
    code = "protection_unavailable"


class DetectionUnavailable(ProtectionUnavailable):
    code = "detection_unavailable"


class AuditUnavailable(ProtectionUnavailable):
    code = "audit_unavailable"


class Unreadable(ProtectionUnavailable):
    code = "unreadable"


class TenantKeyUnusable(ProtectionUnavailable):
    """Waiting does not help: whoever runs the gateway has to put the right master key, or the tenant's row, in its place."""

    code = "tenant_key_unusable"


class KeyDestroyed(ProtectionUnavailable):
    status = 410
    code = "erased"


class InternalFault(ProtectionUnavailable):
    status = 500
    code = "internal_error"


class UpstreamError(GatewayError):
    status = 502
    type = "upstream_error"
    code = "upstream_error"


class UpstreamUnreachable(UpstreamError):
    code = "upstream_unreachable"


class UpstreamProtocolError(UpstreamError):
    code = "upstream_protocol_error"


class UpstreamTruncated(UpstreamError):
    code = "upstream_truncated"


class UpstreamTimeout(UpstreamError):
    status = 504
    code = "upstream_timeout"
