import json
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gateway.redaction.placeholders import key_of, spelling_pattern
from gateway.redaction.restore import Restorer

ORIGINALS = {
    ("PERSON", 1): 'Ann "Änne" O\'Neil',
    ("PERSON", 12): "张伟",
    ("EMAIL_ADDRESS", 2): "ann@example.org",
    ("CN_ID", 3): "a\nb",
}
SURROGATES = {"Maria Jones": "Zoë Quark", "李娜": "王芳", "nancy Reed": "Tim"}
RESTORER = Restorer(ORIGINALS, SURROGATES)

shards = st.lists(
    st.sampled_from(
        [
            "<",
            ">",
            "PERSON",
            "person",
            "Person",
            "_",
            "\\_",
            "1",
            "2",
            "12",
            "3",
            " ",
            "  ",
            "EMAIL",
            "_ADDRESS",
            "-ADDRESS",
            "CN_ID",
        ]
        + [
            "\\",
            "\\\\",
            "\\n",
            "nancy",
            " Reed",
            "%3C",
            "%3e",
            "&lt;",
            "&gt;",
            "&",
            "\\u003c",
            "\\u003E",
            "Maria",
            " Jones",
            "Mar",
            "李",
            "娜",
            "x",
            "。",
            "＜",
            "＞",
            "１",
            "《",
            "》",
            "\n",
        ]
        + ["<PERSON_1>", "<PERSON_12>", "<EMAIL_ADDRESS_2>", "PERSON_1", "<PERSON_7>", "<PERSON_01>", "0", "[", "]", "**", "'s"]
    )
    | st.text(max_size=3),
    max_size=14,
).map("".join)


def in_pieces(text: str, cuts: list[int], *, as_json: bool = False, restorer: Restorer = RESTORER) -> str:
    stream = restorer.stream(json=as_json)
    edges = [0, *sorted(cut % (len(text) + 1) for cut in cuts), len(text)]
    pieces = [stream.feed(text[a:b]) for a, b in zip(edges, edges[1:], strict=False)]
    return "".join(pieces) + stream.finish()


@settings(max_examples=1_500, deadline=None)
@given(shards, st.lists(st.integers(0, 200), max_size=12), st.booleans())
def test_every_way_of_cutting_gives_the_whole(text: str, cuts: list[int], as_json: bool) -> None:
    assert in_pieces(text, cuts, as_json=as_json) == RESTORER.whole(text, json=as_json)


SPELLINGS = spelling_pattern(frozenset({"PERSON", "EMAIL_ADDRESS", "CN_ID"}))


@settings(max_examples=250, deadline=None)
@given(
    st.from_regex(SPELLINGS, fullmatch=True),
    st.sampled_from(["", " ", "x", "_", "\\", "\\u8bf7", "<", "7"]),
    st.sampled_from(["", " ", "y", "2", ">", "\\", "\\" * 200, "\\u003e", "_", "  ", "&"]),
    st.lists(st.integers(0, 200), max_size=6),
    st.booleans(),
)
def test_whatever_is_a_placeholder_is_one_at_every_cut(
    spelling: str, before: str, after: str, cuts: list[int], as_json: bool
) -> None:
    """`<PERSON_01>`, for one, or one behind many backslashes."""
    match = SPELLINGS.search(spelling)
    assume(match is not None and key_of(match)[1] > 0)
    assume(not any("\ue000" <= char <= "\uf8ff" for char in spelling))  # the pattern's marks, which no text has
    assert match is not None
    restorer = Restorer({key_of(match): "Ann", ("PERSON", 12): "张伟"}, {})
    text = before + spelling + after
    whole = restorer.whole(text, json=as_json)
    assert in_pieces(text, cuts, as_json=as_json, restorer=restorer) == whole
    assert in_pieces(text, list(range(len(text))), as_json=as_json, restorer=restorer) == whole


@pytest.mark.parametrize("said", ["<PERSON_01> wrote", "PERSON_0012 wrote", "< person\\_012 >", "<EMAIL_ADDRESS_０2>"])
def test_a_number_may_begin_with_zeros(said: str) -> None:
    restored = RESTORER.whole(said)
    assert "0" not in restored
    assert in_pieces(said, list(range(len(said)))) == restored


@pytest.mark.parametrize("pieces", [("\\t", "Jo"), ("\\", "t", "Jo"), ("\\", "", "tJo"), ("\\\\", "t", "", "Jo")])
def test_an_escape_before_a_surrogate_may_be_cut(pieces: tuple[str, ...]) -> None:
    """Where there are no placeholders, nothing waits for a backslash."""
    restorer = Restorer({}, {"Jo": "Zoë"})
    stream = restorer.stream()
    assert "".join(map(stream.feed, pieces)) + stream.finish() == restorer.whole("".join(pieces))
    assert restorer.whole("".join(pieces)).endswith("tZoë")


@pytest.mark.parametrize("line", [r"Ann\nLee", r"Ann\tLee", r"Ann\u0020Lee", "Ann\\\0Lee", "Ann\\\ue06eLee"])
def test_what_is_written_almost_like_a_surrogate_is_none(line: str) -> None:
    """It may hold another one."""
    restorer, said = Restorer({}, {"Ann\nLee": "Zoë", "Lee": "Kim"}), f'{{"a": "{line}"}}'
    restored = restorer.whole(said, json=True)
    assert restored == said.replace(r"Ann\nLee", "Zoë").replace("Lee", "Kim")
    assert in_pieces(said, list(range(len(said))), as_json=True, restorer=restorer) == restored


@settings(max_examples=300, deadline=None)
@given(shards)
def test_one_character_at_a_time_gives_the_whole(text: str) -> None:
    assert in_pieces(text, list(range(len(text)))) == RESTORER.whole(text)


@given(st.text())
def test_text_without_placeholders_comes_through(text: str) -> None:
    restorer = Restorer({("PERSON", 1): "Ann"}, {})
    if "1" not in text and "１" not in text:
        assert restorer.whole(text) == text


@given(st.text())
def test_nothing_minted_changes_nothing_and_holds_nothing_back(text: str) -> None:
    stream = Restorer({}, {}).stream()
    assert stream.feed(text) == text
    assert stream.finish() == ""


@given(st.text(), st.text(), st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_inside_json_originals_are_escaped(before: str, after: str, original: str) -> None:
    restorer = Restorer({("PERSON", 1): original}, {})
    if "PERSON_1" in before + after:
        return
    written = json.dumps({"a": f"{before} <PERSON_1> {after}"})
    assert json.loads(restorer.whole(written, json=True)) == {"a": f"{before} {original} {after}"}


@pytest.mark.parametrize(
    ("said", "restored"),
    [
        ("Dear <PERSON_12>,", "Dear 张伟,"),
        ("**<PERSON_12>** and `<EMAIL_ADDRESS_2>`", "**张伟** and `ann@example.org`"),
        ("[<EMAIL_ADDRESS_2>](mailto:<EMAIL_ADDRESS_2>)", "[ann@example.org](mailto:ann@example.org)"),
        ("PERSON_12's mail, 你好＜PERSON_12＞。", "张伟's mail, 你好张伟。"),
        ("《PERSON_12》说", "张伟说"),
        ("<PERSON_3> was never minted, nor PERSON_99", "<PERSON_3> was never minted, nor PERSON_99"),
        ("person_12 = Person(12)", "person_12 = Person(12)"),
        ("Maria Jones met Maria Joneson and 李娜", "Zoë Quark met Maria Joneson and 王芳"),
        (r"C:\Users\<PERSON_12>\x and \\<PERSON_12>\x", r"C:\Users\张伟\x and \\张伟\x"),
        (r"\<PERSON\_12> and \<PERSON_12\>", "张伟 and 张伟"),
        ("https://maps.example/?q=%3CPERSON_12%3E&m=%3cemail_address_2%3e", "https://maps.example/?q=%E5%BC%A0%E4%BC%9F&m=ann%40example.org"),
    ],
)  # fmt: skip
def test_examples(said: str, restored: str) -> None:
    assert RESTORER.whole(said) == restored


@pytest.mark.parametrize("depth", [0, 1, 2])
@pytest.mark.parametrize(
    ("said", "restored"),
    [
        (r"C:\Users\<PERSON_12>\x", r"C:\Users\张伟\x"),
        (r"\\<PERSON_12>", r"\\张伟"),
        (r"C:\nancy Reed", r"C:\Tim"),
        (r'print("Best,\nMaria Jones\n\tPERSON_12\n")', r'print("Best,\nZoë Quark\n\t张伟\n")'),
        ("Best,\nMaria Jones\n\tPERSON_12\n", "Best,\nZoë Quark\n\t张伟\n"),
    ],
)
def test_words_begin_after_escapes_and_backslashes_stay_at_every_depth(said: str, restored: str, depth: int) -> None:
    """As text, in the JSON of a tool's arguments, and in JSON inside of it."""
    for _ in range(depth):
        said, restored = json.dumps({"t": said}), json.dumps({"t": restored}, ensure_ascii=False)
    assert RESTORER.whole(said, json=depth > 0) == restored
    assert in_pieces(said, list(range(len(said))), as_json=depth > 0) == restored


@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize("ascii_only", [False, True])
@pytest.mark.parametrize("said", ["<PERSON_1>", 'Dear <PERSON_1>,\nfrom <CN_ID_3> "<PERSON_12>"', "Maria Jones and <PERSON_1>"])
def test_a_value_with_quotes_leaves_json_inside_of_json_whole(said: str, depth: int, ascii_only: bool) -> None:
    restored: Any = RESTORER.whole(said)
    for _ in range(depth):
        said = json.dumps({"n": 1, "t": said, "after": [said]}, ensure_ascii=ascii_only)
        restored = {"n": 1, "t": restored, "after": [restored]}
    whole = RESTORER.whole(said, json=True)
    assert unwrapped(json.loads(whole), depth) == restored
    assert in_pieces(said, list(range(len(said))), as_json=True) == whole


def unwrapped(document: Any, depth: int) -> Any:
    """With the documents that stand in its strings, so many levels down."""
    if depth == 1:
        return document
    return {**document, **{key: unwrapped(json.loads(document[key]), depth - 1) for key in ("t",)}} | {
        "after": [unwrapped(json.loads(one), depth - 1) for one in document["after"]]
    }


@pytest.mark.parametrize("said", ['[see] "<PERSON_1>"', '{name}: "<PERSON_1>', '"<PERSON_1>"', "f({<PERSON_1>})"])
def test_a_text_that_only_looks_like_json_is_a_text(said: str) -> None:
    assert json.loads(RESTORER.whole(json.dumps({"t": said}), json=True)) == {"t": RESTORER.whole(said)}


@settings(max_examples=300, deadline=None)
@given(
    shards,
    st.lists(st.integers(0, 60), max_size=6),
    st.sampled_from(["{%s}", '{"a": "%s"}', '{"a": "{\\"b\\": \\"%s\\"}"}', "%s"]),
)
def test_json_inside_of_json_comes_alike_at_every_cut(text: str, cuts: list[int], around: str) -> None:
    said = around % text
    assert in_pieces(said, cuts, as_json=True) == RESTORER.whole(said, json=True)


def test_only_what_could_become_a_placeholder_is_held_back() -> None:
    stream = RESTORER.stream()
    assert stream.feed("Hello <") == "Hello "
    assert stream.feed("b>world</b> <PER") == "<b>world</b> "
    assert stream.feed("FECT>, x") == "<PERFECT>, x"
    assert stream.feed("<PERSON_12>") == "张伟"
    assert stream.feed(" PERSON_1") == " "
    assert stream.feed("2 ok") == "张伟 ok"
    assert stream.finish() == ""


def test_a_value_that_looks_like_a_placeholder_is_not_restored_twice() -> None:
    restorer = Restorer({("PERSON", 1): "<PERSON_2>", ("PERSON", 2): "secret"}, {})
    assert restorer.whole("<PERSON_1>") == "<PERSON_2>"
    assert in_pieces("<PERSON_1>", list(range(10)), restorer=restorer) == "<PERSON_2>"


@pytest.mark.parametrize(
    "spell",
    [str, lambda s: json.dumps(s)[1:-1], lambda s: json.dumps(s)[1:-1].replace("e0", "E0").upper().replace("\\U", "\\u")],
)
def test_a_surrogate_in_json_may_be_spelled_with_escapes(spell: Any) -> None:
    restorer = Restorer({}, {"李娜": "王芳"})
    written = f'{{"to": "{spell("李娜")}"}}'
    assert json.loads(restorer.whole(written, json=True)) == {"to": "王芳"}
    assert json.loads(in_pieces(written, list(range(len(written))), as_json=True, restorer=restorer)) == {"to": "王芳"}


SHORT = Restorer({("A_B", 2): "ab", ("Q", 3): "q"}, {"李": "王芳", "Li Na": "Zoë Quark"})
short_shards = st.lists(
    st.sampled_from(
        ["A_B_2", "A\\_B_2", "<a b 2>", "A", "_", "B_2", "Q", "Q_3", "_3", "李", "Li", " Na", "L", "<", ">", " ", "x"]
    ),
    max_size=10,
).map("".join)


@settings(max_examples=500, deadline=None)
@given(short_shards, st.lists(st.integers(0, 60), max_size=12), st.booleans())
def test_names_of_one_character_are_restored_at_every_cut(text: str, cuts: list[int], as_json: bool) -> None:
    assert in_pieces(text, cuts, as_json=as_json, restorer=SHORT) == SHORT.whole(text, json=as_json)


def test_an_ordinary_word_begins_nothing() -> None:
    people = Restorer({("PERSON", 1): "Ann"}, {})
    assert people.begins_nowhere("Please write a Poem to the Queen")
    assert [people.begins_nowhere(text) for text in ("so P", "PERSON_1", "a < b", "&", "\\")] == [False] * 5


@pytest.mark.parametrize("opening", ["<", "&lt;", "＜", "< "])
def test_a_text_that_breaks_off_in_a_number_names_nobody_else(opening: str) -> None:
    """The model was about to say `<PERSON_12>`, or it was not: nobody can tell."""
    cut = f"Dear {opening}PERSON_1"
    assert RESTORER.whole(cut) == in_pieces(cut, [7]) == cut
    assert RESTORER.whole(f"{cut} wrote").endswith("Neil wrote")
    assert RESTORER.whole(f"Dear {opening}PERSON_12") == "Dear 张伟"
    assert RESTORER.whole("signed: PERSON_1").endswith("Neil")  # without its brackets it is whole
    alone = Restorer({("PERSON", 1): "Ann", ("CN_ID", 12): "x"}, {})
    assert alone.whole(cut) == "Dear Ann"
