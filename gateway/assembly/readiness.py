"""What readiness depends on."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.api.health import Condition
from gateway.assembly.parts import Parts
from gateway.audit.strangers import BoundedLog
from gateway.shared.watch import Standing


async def conditions(parts: Parts) -> Mapping[str, Condition]:
    """What readiness depends on, each with a sentence."""
    status = parts.policy.status
    in_force = f"version {status.version} is in force"
    # Whoever asks for readiness need not show a key: what is wrong in the file stands in the log and the admin API.
    stale = f"{in_force}; the file on disk is not: it was refused at {status.last_attempt}, and the log says why"
    if parts.backends.drain.begun:
        return {"drain": Condition(False, "the gateway is about to leave and finishes what it began")}
    well = await parts.backends.fleet.any_healthy()
    # Work beside the exchanges and Redis are not essential: were they, all gateways would leave service at once, with them
    # those whose callers need neither.
    failing = ", ".join(parts.beside.troubled)
    aside = f"failing, and begun again: {failing}; the log says why" if failing else "ok"
    redis, standing, keys = {}, parts.siblings.standing, {}
    if standing is not None:
        redis = {"redis": Condition(standing is Standing.WELL, standing, essential=False)}
    if unusable := parts.keeping.keyring.unusable:
        detail = f"the keys of {unusable} tenants do not open with the master key; the log says whose"
        keys = {"keys": Condition(False, detail, essential=False)}
    return {
        "policy": Condition(True, stale if status.stale else in_force),
        "audit": Condition(parts.keeping.audit.healthy, _audit_detail(parts.keeping.audit)),
        "upstream": Condition(well, "ok" if well else "no deployment answers"),
        "background": Condition(not failing, aside, essential=False),
        **keys,
        **redis,
    }


def _audit_detail(audit: BoundedLog) -> str:
    if not audit.healthy:
        return "the record cannot be written"
    return f"the record is written, but not signed: {audit.unsigned}" if audit.unsigned else "ok"
