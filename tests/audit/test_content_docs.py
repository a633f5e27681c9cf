"""docs/content.md names the parts and fields that the code has, and its example states a conversation."""

from __future__ import annotations

import dataclasses
import re
import shlex
from pathlib import Path

from gateway.audit.event import ExchangeRecord
from gateway.audit.keeper import Part
from gateway.exchange import CacheState
from gateway.protocol.conversation import Asker, stated_conversation
from gateway.protocol.facts import CONVERSATION_HEADER
from gateway.redaction import recorded

PAGE = (Path(__file__).parents[2] / "docs" / "content.md").read_text(encoding="utf-8")


def names_in(section: str) -> list[str]:
    """The first cell of each row of a section's table."""
    return re.findall(r"^\| `(\w+)`", PAGE.partition(f"## {section}\n")[2].partition("\n## ")[0], re.MULTILINE)


def test_every_part_is_listed() -> None:
    assert names_in("The parts") == [part.value for part in Part]
    assert f"first {recorded.MOST_KEPT:,} characters" in PAGE


def test_the_fields_are_those_of_the_record() -> None:
    fields = names_in("On the record")
    assert set(fields) <= {field.name for field in dataclasses.fields(ExchangeRecord)}
    assert {"content", "content_missing", "conversation", "cache", "cost"} <= set(fields)
    assert all(f"`{state}`" in PAGE for state in CacheState)


def test_the_id_of_the_example_is_recorded_as_it_is() -> None:
    (command,) = re.findall(r"^```sh\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    (header,) = [word for word in shlex.split(command) if word.startswith(CONVERSATION_HEADER)]
    stated = header.partition(": ")[2]
    assert stated_conversation({}, stated, Asker(b"k" * 32, "p", "m")) == stated
