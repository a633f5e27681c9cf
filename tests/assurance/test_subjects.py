from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import delete, select

from gateway.assurance.subject_export import document
from gateway.assurance.subjects import Subject, count, find
from gateway.errors import InvalidRequest, Unreadable
from gateway.exchange import COPY
from gateway.store.tables.content import KEPT
from tests.assurance.kept import ANNA, AT, ZHANG, House


def _calls(house: House, *values: str, tenant: str = "bank") -> list[str]:
    whom = house.subject(*values, tenant=tenant)
    with house.database.reading() as connection:
        found = list(find(connection, whom))
        assert len(found) == count(connection, whom)
    return [one.call_id for one in found]


def _exported(house: House, *values: str) -> dict[str, Any]:
    with house.database.reading() as connection:
        text = b"".join(document(connection, house.keyring, house.subject(*values), AT))
    exported: dict[str, Any] = json.loads(text)
    return exported


def test_a_person_is_found_however_they_are_written(house: House) -> None:
    house.keep("call_1", values=frozenset({ANNA, "anna@example.com"}))
    house.keep("call_2", values=frozenset({ZHANG}))
    house.keep("call_3", values=frozenset({"ANNA  schmidt"}))
    house.keep("call_4", values=frozenset({ANNA}), tenant="shop")
    assert _calls(house, "anna schmidt") == ["call_1", "call_3"]
    assert _calls(house, "Anna@Example.com") == ["call_1"]
    assert _calls(house, "张 伟", ANNA) == ["call_1", "call_2", "call_3"]
    assert _calls(house, "Schmidt") == []
    assert _calls(house, ANNA, tenant="shop") == ["call_4"]


def test_nobody_is_not_a_person(small_house: House) -> None:
    """An erasure without tags is one of the whole tenant."""
    small_house.keep("call_1", values=frozenset({ANNA}))
    with pytest.raises(InvalidRequest, match="Give a value"):
        small_house.subject(" ", "\t")
    with pytest.raises(ValueError, match="whole tenant"):
        Subject("bank", frozenset())


def test_what_is_found_says_who_when_and_where(small_house: House) -> None:
    small_house.keep("call_1", originals={"<PERSON_1>": ANNA})
    small_house.keep("call_2", values=frozenset({ANNA}))
    with small_house.database.reading() as connection:
        first, second = find(connection, small_house.subject(ANNA))
    assert first.record is not None
    assert (first.record.principal, first.record.model, first.record.opened_at) == ("app", "m", AT)
    assert (first.has_originals, second.has_originals) == (True, False)


def test_many_are_found_in_batches(small_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.assurance.subjects._BATCH", 2)
    for number in range(5):
        small_house.keep(f"call_{number}", values=frozenset({ANNA, ZHANG}))
    assert _calls(small_house, ANNA, ZHANG) == [f"call_{number}" for number in range(5)]


def test_a_copy_is_found_with_its_call_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether or not tags of its own lead to it, and wherever a batch ends; one of somebody else's call is not."""
    monkeypatch.setattr("gateway.assurance.subjects._BATCH", 2)
    for number in range(4):
        house.keep(f"call_{number}", values=frozenset({ANNA, "anna@example.com"}))
        house.keep(f"call_{number}{COPY}", values=frozenset({ANNA} if number % 2 else ()))
    house.keep("call_5", values=frozenset({ZHANG}))
    house.keep(f"call_5{COPY}")
    whole = {f"call_{number}{end}" for number in range(4) for end in ("", COPY)}
    found = _calls(house, ANNA, "anna@example.com")
    assert (len(found), set(found)) == (8, whole)


def test_whoever_asks_for_nobody_is_told(small_house: House) -> None:
    small_house.keep("call_1", values=frozenset({ANNA}))
    for values in ((), ("",), (" ", "\u200b")):
        with pytest.raises(InvalidRequest, match="Give a value"):
            small_house.subject(*values)
    with pytest.raises(InvalidRequest, match="Nothing was ever kept of this tenant"):
        small_house.subject(ANNA, tenant="typo")
    assert not small_house.keyring.knows("typo")


def test_a_subject_does_not_show_the_value(small_house: House) -> None:
    small_house.keep("call_1", values=frozenset({ANNA}))
    whom = small_house.subject(ANNA)
    assert "Anna" not in repr(whom) + whom.name + whom.written
    assert whom.name == f"tag:{next(iter(whom.tags)).hex()[:16]}"


def test_the_export_opens_what_is_the_persons_and_nothing_of_others(house: House) -> None:
    house.keep("call_1", "<PERSON_1> wrote to <PERSON_2>", {"<PERSON_1>": ANNA, "<PERSON_2>": ZHANG}, days=30)
    house.keep("call_2", "about <PERSON_1>", {"<PERSON_1>": ZHANG})
    exported = _exported(house, ANNA)
    (one,) = exported["exchanges"]
    assert exported["number_of_exchanges"] == 1
    assert one["request"]["messages"][0]["content"] == "<PERSON_1> wrote to <PERSON_2>"
    assert one["reply"] == "Answer: <PERSON_1> wrote to <PERSON_2>"
    assert one["your_values"] == {"<PERSON_1>": ANNA}
    assert (one["at"], one["model"]) == (AT, "m")
    assert one["kept_until"] > AT
    assert ZHANG not in json.dumps(exported, ensure_ascii=False)
    assert "app" not in one.values()


@pytest.mark.parametrize("forged", ["request/0", "original/0"])
def test_what_was_put_in_the_place_of_a_persons_values_is_not_given_out(house: House, forged: str) -> None:
    """Sealed as well as the first, by somebody who has the keys; the record has another digest."""
    house.keep("call_1", "<PERSON_1> asks", {"<PERSON_1>": ANNA})
    with house.database.reading() as connection:
        parts = connection.execute(select(KEPT.c.part, KEPT.c.nr, KEPT.c.sealed)).all()
    recorded = {f"{part}/{number}": sha256(sealed).hexdigest() for part, number, sealed in parts}
    house.keep("call_2", "<PERSON_1> asks", {"<PERSON_1>": ANNA}, digests=recorded)
    assert forged in recorded
    with house.database.writing() as connection:
        others = KEPT.c.part != forged.partition("/")[0]
        connection.execute(delete(KEPT).where(KEPT.c.call_id == "call_2", others))
    with house.database.reading() as connection, pytest.raises(Unreadable, match="call_2"):
        b"".join(document(connection, house.keyring, house.subject(ANNA), AT))


def test_the_export_of_nobody_is_a_whole_document(house: House) -> None:
    house.keep("call_1", values=frozenset({ANNA}))
    assert _exported(house, "nobody here")["exchanges"] == []
