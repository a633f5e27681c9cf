"""What the gateway costs: the same requests directly to the backend, and through it. `make bench-overhead`."""

from __future__ import annotations

from bench.gateways import KEEP, REDACT, gateway, traced
from bench.session import Contest, Place, hold, options, place
from bench.systems import System

_NOTES = (
    "'gateway, redaction off' keeps every entity (`entities: {default: keep}`): authentication, policy, durable record, relay.",
    "'gateway' has it on as in policies/demo.yaml: patterns and taggers in both languages, restoration. 'gateway, traced' "
    "also exports the spans of every request over OTLP to a local sink.",
)


def systems(where: Place) -> tuple[System, ...]:
    """The direct way and three gateways, one process each."""
    sink = where.backend.removesuffix("/v1")
    return (
        System(name="direct", base_url=where.backend),
        gateway("gateway, redaction off", where.folder / "off", backend=where.backend, entities=KEEP),
        gateway("gateway", where.folder / "on", backend=where.backend, entities=REDACT),
        gateway("gateway, traced", where.folder / "traced", backend=where.backend, entities=REDACT, environ=traced(sink)),
    )


def main() -> None:
    """Measure and print."""
    chosen = options("CPU and wall time per request, directly and through the gateway.")
    with place() as where:
        running = systems(where)
        contest = Contest(
            title="The gateway's overhead",
            systems=running,
            reference="gateway, redaction off",
            notes=_NOTES,
            ours=frozenset(system.name for system in running),
        )
        hold(contest, where, chosen)


if __name__ == "__main__":
    main()
