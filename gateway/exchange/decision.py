"""Who asks, and what policy said to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from gateway.obligations import Obligations


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """The caller: an identity inside a tenant. `key_id` is the public prefix of the virtual key used, if any.

    `team` and `roles` are what policy or the identity provider says of it. `anonymous`: anybody who shows no key comes as this
    principal, which has the same rights as one who shows its key.
    """

    tenant: str
    id: str
    key_id: str | None = None
    team: str | None = None
    roles: frozenset[str] = frozenset()
    anonymous: bool = field(default=False, compare=False)


class Review(Protocol):
    """Decides again, under the same policy, when it is known how many findings of each entity type the request has, and what
    its content scores, label by label; None where nobody judged it.
    """

    def __call__(self, findings: Mapping[str, int], content: Mapping[str, float] | None = None) -> Decision: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentScores:
    """What a request is about, in 0..1 by label, as one classifier sees it. `weights` is the beginning of their digest;
    `decides`: it is by these that policy decides. Holds no text.
    """

    weights: str
    scores: Mapping[str, float]
    decides: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Allow or deny, the rule that said so (its path in the policy file) and the reason in words.

    `rules` are the conditional rules that applied. `model` and `purpose` are those of the request, where the policy knows them;
    `serves` is the model that is meant where `model` is an alias, and else the same. `helpers` are further models that the
    request names for the backend to use, each once; one is empty where there are any that the policy does not know.
    `review` is None where no rule depends on findings. `unread`: it is of an exchange that only its caller can read.
    """

    allow: bool
    rule: str
    reason: str
    policy_version: str
    obligations: Obligations | None = None
    rules: tuple[str, ...] = ()
    model: str | None = None
    serves: str | None = None
    helpers: tuple[str, ...] = ()
    purpose: str | None = None
    needs_consent: bool = False
    unread: bool = False
    review: Review | None = field(default=None, repr=False, compare=False)
