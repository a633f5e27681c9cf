"""Duties of the AI Act: how long logs are kept, and who oversees."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.assurance.evidence.ai_act import SIX_MONTHS, ai_act
from gateway.assurance.evidence.document import Kind
from tests.assurance.evidence.drawn_from import drawn, exchange, keys, lines, with_tenant


@pytest.mark.parametrize(("days", "key", "kind"), [(183, "content_short", Kind.GAP), (SIX_MONTHS, "content_long", Kind.FACT)])
def test_content_that_is_kept_too_short_is_a_gap(days: int, key: str, kind: Kind, tmp_path: Path) -> None:
    document = ai_act(drawn(tmp_path, with_tenant(record={"content": "redacted", "retention_days": days})))
    assert f"ai_act.logs.{key}" in keys(document, kind)


def test_entries_have_no_end_and_content_may_be_none(tmp_path: Path) -> None:
    bare = ai_act(drawn(tmp_path))
    assert {"ai_act.logs.entries", "ai_act.logs.no_content"} <= set(keys(bare, Kind.FACT))
    assert "ai_act.logs.not_asked" in keys(bare, Kind.GAP)
    asked = ai_act(drawn(tmp_path, with_tenant(record={"content": "redacted"}), [exchange()]))
    told = {line.key: line.values for line in lines(asked)}
    assert told["ai_act.logs.since"] == {"at": "2026-01-01T00:00:00.000Z"}
    assert "ai_act.logs.content_no_end" in told


def test_roles_without_anybody_are_gaps(tmp_path: Path) -> None:
    document = ai_act(drawn(tmp_path))
    assert keys(document, Kind.FACT).count("ai_act.oversight.role") == 2
    assert keys(document, Kind.GAP).count("ai_act.oversight.nobody") == 1
