"""Where a stream that is screened may be cut: behind a sentence, and never in what a value could be made of."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.redaction.screen import StreamScreen

VALUES = re.compile(
    r"(?:[JR]\. )+Tolkien|Prof\. Weber|\(Dr\. Weber|4111 1111\s+1111 1111|138-?\s1234\s5678|no\. 5\b|Jan\. 5, 1980"
)


async def screened(text: str, size: int) -> tuple[str, list[str]]:
    """What a screen lets out of a text that comes in pieces, and what of it came before the end."""

    async def treat(text: str) -> str:
        return VALUES.sub("*", text)

    screen = StreamScreen(treat, whole=False)
    early = [await screen.feed(text[at : at + size]) for at in range(0, len(text), size)]
    return "".join(early) + await screen.finish(), early


@pytest.mark.parametrize("size", [1, 2, 3, 100])
@pytest.mark.parametrize(
    "text",
    [
        "It was written by J. R. R. Tolkien in Oxford. It is long.",
        "So said Prof. Weber! He is (Dr. Weber) also no. 5 of all.",
        "Born Jan. 5, 1980 in Rome. Died on 5 Jan. in Bern.",
        "Card: 4111 1111\n1111 1111, thanks.\n",
        "Card: 4111 1111 \n\n 1111 1111",
        "Call 138\n1234\n5678 or 138-\n1234\n5678 now.",
    ],
)
async def test_no_value_is_cut_where_a_sentence_seems_to_end(text: str, size: int) -> None:
    said, _ = await screened(text, size)
    assert said == VALUES.sub("*", text)


@pytest.mark.parametrize(
    "text", ["So it is. Then", "姓名：张伟。电", "He is 42\nand", "- one\n- t", "At the casino. W", "In 1999. After"]
)
async def test_a_sentence_goes_out_when_it_has_ended(text: str) -> None:
    _, early = await screened(text, 1)
    assert "".join(early) == re.match(r".*[.。\n] ?", text, re.DOTALL)[0]  # type: ignore[index]


@given(
    st.lists(st.sampled_from(["1", "x", ". ", "\n", "Dr", "J", "。", " ", "-", "word"]), max_size=30).map("".join),
    st.integers(1, 5),
)
async def test_nothing_is_lost(text: str, size: int) -> None:
    said, _ = await screened(text, size)
    assert said == text


async def test_a_column_of_numbers_is_cut_between_lines_and_looked_at_once() -> None:
    treated: list[int] = []

    async def treat(text: str) -> str:
        treated.append(len(text))
        return text

    lines = [f"{number}\n" for number in range(2_000)]
    screen = StreamScreen(treat, whole=False)
    early = [await screen.feed(line) for line in lines]
    assert "".join(early) + await screen.finish() == "".join(lines)
    assert sum(map(len, early)) > 7_000  # it goes out on its way
    assert sum(treated) < 8 * len("".join(lines))


async def test_after_a_sentence_that_could_not_be_cut_the_next_one_waits_no_longer() -> None:
    async def treat(text: str) -> str:
        return text.replace("y", "z") if "." in text else text.replace("y", f"{len(text)}")  # no cut gives what the whole gives

    screen = StreamScreen(treat, whole=False)
    for _ in range(1_500):
        assert await screen.feed("y ") == ""
    assert len(await screen.feed("end. ")) == 3_005
    early = [await screen.feed("word ") for _ in range(300)]
    assert len("".join(early)) > 800


async def heard(treated: str) -> str:
    return f"[{treated}]"


@pytest.mark.parametrize(
    "text", ["Let me look.", "Let me look...", "One moment:", 'He said "hello."', "See you in 2024.", "**Wait!**", "(I know.)"]
)
async def test_a_text_that_has_come_to_an_end_is_released_where_another_begins(text: str) -> None:
    screen = StreamScreen(heard, whole=False)
    assert await screen.feed(text) == ""
    assert await screen.pause() == f"[{text}]"
    assert await screen.finish() == ""


@pytest.mark.parametrize(
    "text",
    [
        *("I ask B", "Dear Dr.", "call no.", "5 apples -", "a@x.org", "J. R."),
        *(
            "ann@corp.",
            "邮箱是ann@corp.",
            "see https:",
            "(at https://x.org/ask?",
            "00:1A:",
            "2001:db8:",
            "at 5:",
            "C:\\Users\\ann.",
        ),
    ],
)
async def test_what_may_be_half_of_something_waits(text: str) -> None:
    screen = StreamScreen(heard, whole=False)
    assert await screen.feed(text) + await screen.pause() == ""
    assert await screen.finish() == f"[{text}]"


async def test_a_document_is_released_when_it_is_whole() -> None:
    screen = StreamScreen(heard, whole=True)
    assert await screen.feed('{"a": {"b": 1}') + await screen.pause() == ""
    assert await screen.feed("}") + await screen.pause() == '[{"a": {"b": 1}}]'
    assert await screen.feed(" ") + await screen.finish() == "[ ]"
