"""Parts tile the text, follow the blank lines that nothing runs over, and hardly change with it."""

import random
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.detection.detect import PresidioDetector
from gateway.detection.recognizers.registry import pattern_recognizers
from gateway.detection.service.paragraphs import WHOLE, paragraphs

WORDS = "the quick brown fox jumps over a lazy dog while we wait for news from the harbour".split()


def parts(text: str) -> list[str]:
    return [part for _, part in paragraphs(text)]


def prose(seed: int, number: int) -> list[str]:
    """Paragraphs of 60 to 900 code points, no two alike."""
    chosen = random.Random(seed)
    return [f"{' '.join(chosen.choices(WORDS, k=chosen.randint(14, 150)))} {chosen.random()}." for _ in range(number)]


pieces = st.sampled_from(
    [
        "word ",
        "x" * 200,
        ".",
        "。",
        "\n",
        "\n\n",
        "\r\n\r\n",
        "7",
        "90210",
        "Phone:",
        "```",
        "}",
        "”",
        " ",
        "中" * 99,
        "\U0001f600",
    ]
)


@given(st.lists(pieces, max_size=120).map("".join))
def test_parts_tile_the_text(text: str) -> None:
    found = list(paragraphs(text))
    assert "".join(part for _, part in found) == text
    assert [offset for offset, _ in found] == [0, *accumulate(len(part) for _, part in found)][:-1]
    assert len(found) == 1 or all(part for _, part in found)


def test_a_short_text_is_whole_and_so_is_one_without_blank_lines() -> None:
    assert len(parts("One sentence.\n\n" * (WHOLE // 15))) == 1
    assert len(parts("One sentence.\n" * 1_000)) == 1
    assert len(parts("x" * 100_000)) == 1


def test_a_long_text_has_parts_of_a_bounded_size_on_average() -> None:
    text = "\n\n".join(prose(1, 400))
    sizes = [len(part) for part in parts(text)]
    assert 500 < sum(sizes) / len(sizes) < 2_000
    assert max(sizes) < 8_000


@pytest.mark.parametrize(
    ("before", "after", "divided"),
    [
        ("Done.", "Next", True),
        ("He said “go.”", "Next", True),
        ("结束了。", "下一段", True),
        ("}", "def", True),
        ("Done.", "  indented", True),
        ("Phone:", "Next", False),
        ("Telephone", "Next", False),
        ("(mobile)", "Next", False),
        ("Call me.", "+1 212 555 0134", False),
        ("Call me.", "on 212 555 0134", False),
        ("Done.", "2. Then, in 2025, next", True),
        ("打电话。", "１３８１２３４５６７８", False),
        ("What is your number plate?", "Next", False),
        ("He asked “who?”", "Next", False),
        ("你叫什么？", "下一段", False),
        ("My number plate is below.", "AB12 CDE", False),
        ("The postcode is below.", "It is SW1A 1AA", False),
        ("The postcode is below.", "M1 1AE", False),
        ("Done.", "In Q3 we go to A0", True),
        ("The code is below.", "XK4-P9T-2ZL7", False),
    ],
)
def test_where_a_border_may_be(before: str, after: str, divided: bool) -> None:
    """Beside long paragraphs, which always end a part where they may."""
    text = f"{'x' * 2_000} {before}\r\n \n\n{after}{'y' * 2_000}"
    assert len(parts(text)) == (2 if divided else 1)
    if divided:
        assert parts(text)[1].startswith(after)


@pytest.mark.parametrize(("close", "count"), [("-----END KEY-----", 2), ("", 3)])
def test_armour_is_not_divided(close: str, count: int) -> None:
    """What only begins is no armour, and divides as anything else does."""
    text = f"{'x' * 2_000}.\n\n-----BEGIN KEY-----\nComment: {'a key of Acme ' * 90}Ltd.\n\n{'Ab' * 900}\n{close}"
    assert len(parts(text)) == count


@pytest.mark.parametrize("change", ["insert", "remove", "edit", "append", "prepend"])
@pytest.mark.parametrize("seed", range(8))
def test_a_change_in_one_place_changes_what_is_there(change: str, seed: int) -> None:
    before = prose(seed, 200)
    after, at, new = list(before), random.Random(seed).randrange(1, 199), prose(seed + 100, 1)[0]
    match change:
        case "insert":
            after.insert(at, new)
        case "remove":
            del after[at]
        case "edit":
            after[at] = after[at].replace(" ", " very ", 1)
        case "append":
            after.append(new)
        case _:
            after.insert(0, new)
    known, now = set(parts("\n\n".join(before))), parts("\n\n".join(after))
    assert len(known) > 40
    assert sum(part not in known for part in now) <= 3


@given(st.lists(pieces, min_size=60, max_size=120), st.data())
def test_an_insertion_anywhere_leaves_distant_parts_alone(blocks: list[str], data: st.DataObject) -> None:
    """Whatever the text: parts that end well before the place, or begin well after it, are parts again."""
    text = "".join(blocks)
    at = data.draw(st.integers(0, len(text)))
    changed = text[:at] + data.draw(pieces) + text[at:]
    if min(len(text), len(changed)) <= WHOLE:
        return
    now, before = set(parts(changed)), list(paragraphs(text))
    touched = [part for offset, part in before if part not in now]
    near = [part for offset, part in before if offset - 50 <= at + 50 and at - 100 <= offset + len(part)]
    assert len(touched) <= len(near) + 2


def test_what_is_found_does_not_depend_on_the_borders() -> None:
    """Values with and without a form of their own, before, behind and far from borders, some with their label above them."""
    chosen = random.Random(3)
    values = [
        "Write to ann.lee@example.com or bob@example.org.",
        "My phone number:",
        "+1 212 555 0134",
        "My telephone number is below.",
        "212-555-0187 is what it was.",
        "手机13812345678，请在晚上打。",
        "The server is at 192.168.17.23.",
        "Card 4111 1111 1111 1111 was refused!",
    ]
    blocks = [chosen.choice([*values, *prose(n, 3)]) for n in range(120)]
    text = "\n\n".join(blocks)
    core = PresidioDetector(pattern_recognizers())
    whole = [(f.start, f.end, f.entity) for f in core.analyze(text)]
    divided = [(f.start + at, f.end + at, f.entity) for at, part in paragraphs(text) for f in core.analyze(part)]
    assert len(list(paragraphs(text))) > 10
    assert len(whole) > 40
    assert divided == whole
