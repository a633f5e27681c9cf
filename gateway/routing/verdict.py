"""What a deployment's answer, or its failure, means for the call. Pure.

========================================  ======================  =============================
answer                                    this call               the deployment
========================================  ======================  =============================
2xx; 400, 409, 413, 422: the client's     is answered             is well
404: it does not have the model           another, if any         is well
400: it cannot take a parameter           another, if any         is well
429                                       another, if any         rests until its `Retry-After`
5xx, 408, 401, 403; no connection;        another, if any         has failed, and rests where it
too slow; broken; not the protocol                                says until when
========================================  ======================  =============================

The same deployment is asked again only where it hardly can have begun to work: there was no connection, or it broke before the
first byte, as one does that was idle too long. All else is for another; clients repeat refusals by themselves, and two who
repeat multiply.
"""

from __future__ import annotations

from gateway.errors import GatewayError, UnsupportedParameter, UpstreamError, UpstreamTruncated, UpstreamUnreachable
from gateway.exchange import Reply

_BUSY = 429
_NOT_HERE = 404
_OF_ANOTHER = frozenset({_NOT_HERE, _BUSY})
_LACKING = "model_not_found"
_UNSUPPORTED = UnsupportedParameter.code


def is_for_another(reply: Reply) -> bool:
    """Whether another deployment may have a better answer."""
    return reply.unsupported or reply.status in _OF_ANOTHER


def is_unsupported(outcome: Reply | GatewayError) -> bool:
    """Whether this one cannot do what is asked of it, as long as the request is what it is."""
    return isinstance(outcome, UnsupportedParameter) or (isinstance(outcome, Reply) and outcome.unsupported)


def code_of(reply: Reply) -> str:
    """The result of an attempt whose answer was no answer."""
    if reply.unsupported:
        return _UNSUPPORTED
    return "rate_limit_exceeded" if reply.status == _BUSY else _LACKING


def is_for_free(result: str) -> bool:
    """Whether an attempt with this result is none of the budget for retries: who does not have the model, or what is asked of
    it, has done no work, and a client that asks for what nobody serves must not use up what others need when a deployment
    fails.
    """
    return result in (_LACKING, _UNSUPPORTED)


def may_ask_again(error: UpstreamError) -> bool:
    """Whether the same deployment may be asked again."""
    return isinstance(error, UpstreamUnreachable | UpstreamTruncated)


def cost_nothing(error: UpstreamError | None) -> bool:
    """Whether the attempt cannot have made anybody work: there was no connection."""
    return isinstance(error, UpstreamUnreachable)
