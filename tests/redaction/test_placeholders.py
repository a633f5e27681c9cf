import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.redaction.placeholders import (
    PlaceholderMint,
    backslashes_before,
    canonical,
    key_of,
    spelled,
    spelling_pattern,
    typed_literals,
)

ENTITIES = frozenset({"PERSON", "EMAIL_ADDRESS", "CN_ID"})


def test_the_same_value_has_one_placeholder_and_another_value_another() -> None:
    mint = PlaceholderMint(frozenset())
    assert [mint.mint("PERSON", v) for v in ("Ann", "Bob", "Ann")] == ["<PERSON_1>", "<PERSON_2>", "<PERSON_1>"]
    assert mint.mint("LOCATION", "Ann") == "<PERSON_1>"  # whatever another recognizer calls it
    assert mint.minted == {("PERSON", 1): "Ann", ("PERSON", 2): "Bob"}


def test_numbers_that_the_client_typed_are_never_minted() -> None:
    typed = typed_literals(["see <PERSON_1>, elements person3 and ＜Person_２＞"], ["PERSON"])
    assert typed == {("PERSON", 1), ("PERSON", 2), ("PERSON", 3)}
    mint = PlaceholderMint(typed)
    assert [mint.mint("PERSON", v) for v in ("Ann", "Bob")] == ["<PERSON_4>", "<PERSON_5>"]


@given(st.sets(st.integers(1, 30)), st.lists(st.text(min_size=1), max_size=20))
def test_no_minted_placeholder_is_a_typed_one(typed: set[int], values: list[str]) -> None:
    mint = PlaceholderMint(frozenset(("PERSON", n) for n in typed))
    names = {value: mint.mint("PERSON", value) for value in values}
    assert len(set(names.values())) == len(set(values))
    assert not {spelled(("PERSON", n)) for n in typed} & set(names.values())


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("<PERSON_1>", ("PERSON", 1)),
        ("< person 1 >", ("PERSON", 1)),
        ("<Person-12>", ("PERSON", 12)),
        ("<PERSON1>", ("PERSON", 1)),
        ("\\<PERSON\\_1\\>", ("PERSON", 1)),
        ("&lt;PERSON_1&gt;", ("PERSON", 1)),
        ("\\u003cPERSON_1\\u003e", ("PERSON", 1)),
        ("＜PERSON_1＞", ("PERSON", 1)),
        ("《EMAIL_ADDRESS_2》", ("EMAIL_ADDRESS", 2)),
        ("<email address 2>", ("EMAIL_ADDRESS", 2)),
        ("<CN_ID_３>", ("CN_ID", 3)),
        ("PERSON_1", ("PERSON", 1)),
        ("PERSON\\_1", ("PERSON", 1)),
        ("<PERSON_1", ("PERSON", 1)),
    ],
)
def test_what_models_make_of_a_placeholder(text: str, key: tuple[str, int]) -> None:
    match = spelling_pattern(ENTITIES).search(f" {text} ")
    assert match is not None
    assert match.group() == text
    assert key_of(match) == key


@pytest.mark.parametrize(
    "text",
    [
        "person 1",
        "Person_1",
        "person_1 = 2",
        "MY_PERSON_1",
        "PERSON_1st",
        "PERSON_",
        "PERSON 1",
        "<PERSON>",
        "<person1>",
        "PERSONS_1",
        "<b>1</b>",
    ],
)
def test_what_is_no_placeholder(text: str) -> None:
    assert spelling_pattern(ENTITIES).search(f" {text} ") is None


def test_canonical_form() -> None:
    assert canonical("email\\_address", "３") == ("EMAIL_ADDRESS", 3)


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("phone_number_1", {("PHONE_NUMBER", 1)}),
        ("phone phone_number_1 number_2", {("PHONE_NUMBER", 1), ("NUMBER", 2)}),
        ("telephone number 1, Phone-Number 22", {("NUMBER", 1), ("PHONE_NUMBER", 22)}),
        ("personal1 person1 PERSON 2xperson3", {("PERSON", 1), ("PERSON", 2)}),
        ("persönperson_4 und person_5", {("PERSON", 5)}),
        ("%3Cperson_6%3E and AnnPERSON_7", {("PERSON", 6), ("PERSON", 7)}),
        (r'{"html": "\u003cperson_8\u003e \\u003CPERSON 9\\u003E"}', {("PERSON", 8), ("PERSON", 9)}),
        ("nobody", set()),
    ],
)
def test_what_may_be_a_placeholder_is_found_from_left_to_right(text: str, typed: set[tuple[str, int]]) -> None:
    assert typed_literals([text], ["PERSON", "NUMBER", "PHONE_NUMBER"]) == typed


@pytest.mark.parametrize("deep", range(1, 5))
@pytest.mark.parametrize("before", range(4))
def test_before_an_escaped_bracket_only_the_backslashes_of_the_escape_are_its_own(deep: int, before: int) -> None:
    """A text with backslashes, escaped once for each document around it, as the escape is that the innermost one has."""
    own, others = 2 ** (deep - 1), before * 2**deep
    match = spelling_pattern(ENTITIES).search("x" + "\\" * (others + own) + "u003cPERSON_1" + "\\" * own + "u003e")
    assert match is not None
    assert match.span() == (1, 1 + others + own + len("u003cPERSON_1") + own + len("u003e"))
    assert backslashes_before(match.group()) == others
