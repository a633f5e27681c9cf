"""Whom a text names by placeholders of a drawer that its exchange did not bring."""

from __future__ import annotations

import pytest

from gateway.redaction.placeholders import Key
from gateway.vault.found import Placed
from gateway.vault.named import named
from tests.vault.conftest import Clock, Gateway

PLACED = Placed({"Ann Lee": ("PERSON", 2)}, {"PERSON": 4, "EMAIL_ADDRESS": 1}, frozenset({("PERSON", 3)}))


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("<PERSON_1> and <EMAIL_ADDRESS_1>", {("PERSON", 1), ("EMAIL_ADDRESS", 1)}),
        (r"&lt;person 1&gt;, ＜PERSON_４＞, EMAIL\_ADDRESS\_1", {("PERSON", 1), ("PERSON", 4), ("EMAIL_ADDRESS", 1)}),
        ("\\nPERSON_1", {("PERSON", 1)}),
        ("<PERSON_2>, which the exchange brought, and <PERSON_3>, which was typed", set()),
        ("<PERSON_5> and <PERSON_0> and <LOCATION_1>, which were never given out", set()),
        ("a person1 and XPERSON_1", set()),
    ],
)
def test_placeholders_are_known_however_they_are_spelled(text: str, keys: set[Key]) -> None:
    assert named([text], PLACED) == keys


def test_an_empty_drawer_names_nobody() -> None:
    assert named(["<PERSON_1> _1"], Placed({}, {}, frozenset())) == frozenset()


async def test_their_tags_are_those_by_which_they_are_found(gateway: Gateway, clock: Clock) -> None:
    drawer, other = gateway.drawer("conversation", "app", "1"), gateway.drawer("conversation", "app", "2")
    tag = gateway.keyring.tenant("bank").tag
    await gateway.place(drawer, "Ann Lee", "张伟", ttl_s=60)
    await gateway.place(drawer, "ann@x.org", entity="EMAIL_ADDRESS")
    placed = await gateway.place(drawer, "Bob")
    await gateway.place(other, "Zed")
    text = "<PERSON_1>, <PERSON_2>, <PERSON_3> of <EMAIL_ADDRESS_1>"
    assert await gateway.vault.whom(drawer, placed, [text]) == {tag("ANN LEE"), tag("张伟"), tag("ann@x.org")}
    assert await gateway.vault.whom(other, await gateway.place(other, "Zed"), [text]) == frozenset()
    assert await gateway.vault.whom(drawer, placed, ["x" * 50_000, "<PERSON_2>"]) == {tag("张伟")}
    clock.pass_(hours=1)  # an entry that is still there may still be opened
    assert await gateway.vault.whom(drawer, placed, ["<PERSON_2>"]) == {tag("张伟")}
