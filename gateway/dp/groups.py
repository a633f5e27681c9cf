"""What groups a report is about, where nobody names them: the names that policy has. Pure.

They are no secret, and the same whatever anybody wrote: that a group is listed tells nothing about the data.
"""

from __future__ import annotations

from collections.abc import Collection

from gateway.dp.question import ALL, By
from gateway.policy.language.schema import Policy
from gateway.policy.named_collections import collections_of


def named_groups(policy: Policy, entities: Collection[str], tenant: str, by: By) -> tuple[str, ...]:
    """`entities` are the types that this tenant's callers may have in their texts. Raises KeyError for an unknown tenant."""
    return tuple(sorted(_named(policy, entities, tenant, by)))


def _named(policy: Policy, entities: Collection[str], tenant: str, by: By) -> Collection[str]:
    match by:
        case By.MODEL:
            return [name for name, model in policy.models.items() if model.alias is None]
        case By.PURPOSE:
            return policy.purposes
        case By.COLLECTION:
            return collections_of(policy, tenant)
        case By.ENTITY:
            return entities
        case By.TENANT:
            return (ALL,)
