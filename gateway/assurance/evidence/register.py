"""The record of processing activities (GDPR Art. 30(1)), with the facts that audits under PIPL Art. 54 to 56 ask for. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.assurance.evidence.counts import counts
from gateway.assurance.evidence.data_flow import people, recipients, transfers
from gateway.assurance.evidence.document import GIVEN, Block, Chapter, Document, fact, to_fill_in
from gateway.assurance.evidence.drawn import Drawn, basis
from gateway.assurance.evidence.keeping import measures, time_limits
from gateway.assurance.evidence.purposes import purposes


@dataclass(frozen=True, slots=True, kw_only=True)
class Controller:
    """Who answers for the processing, as far as somebody said; policy does not know it."""

    name: str | None = None
    contact: str | None = None
    representative: str | None = None
    officer: str | None = None


def register(drawn: Drawn, controller: Controller) -> Document:
    """In the order of GDPR Art. 30(1): (a) to (g), and then what the record counted."""
    chapters = (
        Chapter("register.controller", tuple(_controller(controller))),
        Chapter("register.purposes", tuple(purposes(drawn))),
        Chapter("register.categories", tuple(people(drawn))),
        Chapter("register.recipients", tuple(recipients(drawn))),
        Chapter("register.transfers", tuple(transfers(drawn))),
        Chapter("register.time", tuple(time_limits(drawn))),
        Chapter("register.measures", tuple(measures(drawn))),
        Chapter("register.counts", tuple(counts(drawn))),
    )
    return Document("register.title", basis(drawn), chapters)


def _controller(controller: Controller) -> Iterator[Block]:
    told = (
        ("name", controller.name),
        ("contact", controller.contact),
        ("representative", controller.representative),
        ("officer", controller.officer),
    )
    for part, given in told:
        key = f"register.controller.{part}"
        yield to_fill_in(f"{key}.missing") if given is None else fact(key, GIVEN, given=given)
    yield to_fill_in("register.controller.joint")
