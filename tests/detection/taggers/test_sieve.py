"""The sieve: the same verdicts wherever a text is long, and work that grows with the text."""

import pytest

from gateway.detection.taggers.sieve import Sieve, Tag, trimmed


def _verdict(text: str, value: str, entity: str = "LOCATION") -> bool:
    start = text.index(value)
    return Sieve(text).is_plausible(Tag(start, start + len(value), entity))


@pytest.mark.parametrize("filler", ["", "and so on and on, " * 100])
def test_verdicts_do_not_hang_on_the_length_of_a_line(filler: str) -> None:
    assert _verdict(f"{filler}we went to Berlin and stayed. {filler}", "Berlin")
    assert _verdict(f"{filler}we met Sarah Connor there. {filler}", "Sarah Connor", "PERSON")
    assert not _verdict(f"{filler}Frame x = make(Berlin, y) {filler}", "Berlin")
    assert not _verdict(f"{filler}a Portal. {filler}the portal is small", "Portal")
    assert not _verdict(f"{filler}a Next-Door. {filler}the (next-door) is small", "Next-Door")
    assert not _verdict(f"{filler}\nHome-Page: x {filler}", "Home-Page")


def test_code_far_away_on_the_same_line_does_not_hide_a_name() -> None:
    text = "We lived in Berlin " + "and then for a while elsewhere " * 20 + "until x = f(y);"
    assert _verdict(text, "Berlin")


def test_a_cut_in_a_long_line_is_no_beginning_of_a_line() -> None:
    for shift in range(0, 250, 5):
        text = "x " * 300 + "; class teacher from Berlin" + " " * shift + "and so on; " * 90
        assert _verdict(text.replace("; class", "; " + "so " * (shift // 3) + "class"), "Berlin")


class Counting(str):
    """A text that counts how many of its characters are copied out of it."""

    copied = 0

    def __getitem__(self, key: object) -> str:
        part = super().__getitem__(key)  # type: ignore[index]
        self.copied += len(part)
        return part


def test_the_work_for_a_tag_does_not_grow_with_the_line() -> None:
    def work(tags: int) -> int:
        text = Counting("we saw Berlin again and " * tags)
        sieve = Sieve(text)
        assert all(sieve.is_plausible(Tag(24 * n + 7, 24 * n + 13, "LOCATION")) for n in range(tags))
        return text.copied

    assert work(800) < 5 * work(200)


@pytest.mark.parametrize(
    ("text", "value", "entity", "whole"),
    [
        ("of Orme Ltd. and", "Orme Ltd", "ORGANIZATION", "Orme Ltd."),
        ("of Orme Ltd. and", "Orme Ltd. ", "ORGANIZATION", "Orme Ltd."),
        ("from Banco Sur S.A.: we", "Banco Sur S.A", "ORGANIZATION", "Banco Sur S.A."),
        ("在云杉银行（河西）上班", "云杉银行（河西）", "ORGANIZATION", "云杉银行（河西）"),
        ("（在云杉银行）上班", "云杉银行）", "ORGANIZATION", "云杉银行"),
        ("at (Orme) and", "Orme)", "ORGANIZATION", "Orme"),
        ("ask Pia K. about it", "Pia K", "PERSON", "Pia K."),
        ("all of Block K. The", "Block K", "LOCATION", "Block K"),
        ("of Orme GmbH. The", "Orme GmbH.", "ORGANIZATION", "Orme GmbH"),
        ("with Pia Orme. The", "Pia Orme.", "PERSON", "Pia Orme"),
        ("in Denver, CO. The", "Denver, CO", "LOCATION", "Denver, CO"),
        ("in Washington, D.C. and", "Washington, D.C", "LOCATION", "Washington, D.C."),
    ],
)
def test_the_full_stop_of_an_abbreviation_is_a_part_of_the_name(text: str, value: str, entity: str, whole: str) -> None:
    start = text.index(value)
    tag = trimmed(text, Tag(start, start + len(value), entity))
    assert text[tag.start : tag.end] == whole
