"""A caller's way to a place in the policy: a tenant, or a principal of it."""

from __future__ import annotations

from gateway.api.admin.guard import Caller
from gateway.api.admin.refusals import no_such
from gateway.exchange import Principal
from gateway.policy.compile import CompiledPolicy
from gateway.policy.standing import Standing


async def standing_at(
    caller: Caller, policy: CompiledPolicy, tenant: str, principal: str | None = None, team: str | None = None
) -> Standing:
    """What holds there. Raises NotFound; for another's tenant that is an attempt, and entered."""
    await caller.reach(tenant, known=tenant in policy.written.tenants)
    if principal is None:
        standing = policy.of_tenant(tenant)
    else:
        standing = policy.standing(Principal(tenant=tenant, id=principal, team=team))
    if standing is None:
        raise no_such("principal")
    return standing
