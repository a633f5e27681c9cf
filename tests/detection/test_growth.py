"""Four times the text is about four times the work, also for texts that are made to be slow."""

import base64
import random
import time

import pytest

from gateway.detection.detect import PresidioDetector
from gateway.detection.engine import Engine
from gateway.detection.readings.normalise import readable
from gateway.detection.readings.reader import Reader
from gateway.detection.recognizers.patterns import CheckedPatternRecognizer
from gateway.detection.recognizers.registry import pattern_recognizers
from gateway.detection.resolve import Candidate, Rank, resolve
from gateway.detection.taggers.han.compound_names import compound_names
from gateway.detection.taggers.han.endings import whole_names
from gateway.detection.taggers.han.short_names import short_names
from gateway.detection.taggers.han.transliterated import whole_foreign_names
from gateway.detection.taggers.latin.islands import whole_islands
from gateway.detection.taggers.latin.name_edges import whole_latin_names
from gateway.detection.taggers.sieve import Tag
from gateway.exchange import Finding

PACK = pattern_recognizers()
CORE = PresidioDetector(PACK)
NOISE = base64.b64encode(random.Random(1).randbytes(3_000)).decode()
NASTY = {
    "no space": "abcdefgh",
    "a mail without an end": "a@",
    "local parts": "a.b-",
    "ones": "1",
    "ones apart": "1 ",
    "brackets": "(",
    "numbers in brackets": "(1)",
    "private keys that only begin": "-----BEGIN ",
    "private keys that never end": "-----BEGIN PRIVATE KEY-----",
    "dashes": "-----",
    "URLs in URLs": "http://",
    "a URL that ends in marks": "http://a!!!!!!!!",
    "dashed digits": "0-",
    "colons": "a:",
    "base64": NOISE,
    "tokens": "eyJ-",
    "tokens with dots": "-eyJabcdefgh.eyJabcdefgh.",
    "labels": "password=",
    "labels and spaces": "password    ",
    "keys": "sk-ant-",
    "words for telephones": "phone tel ",
    "words and numbers": "phone 1 account 2 ",
    "capitals": "Ab ",
    "house numbers": "1 Ab Ab Ab ",
    "countries": "DE89 ",
    "emoji": "👩‍👩‍👧",
    "combining marks": "e\u0301\u0302",
    "line ends": "\r\n",
    "full width": "１",
    "Han numbers": "一二年",
    "plus": "+",
    "percent": "%",
    "percent-encoded": "%41%E4",
    "references": "&#65;&amp",
    "ampersands": "&#",
    "encoded mails": base64.b64encode(b"jane.roe@example.com, bob@example.com; ").decode(),
    "slashes in tokens": "Abcdefghijklmnop/",
    "backslashes": "\\",
    "escaped dots": "a\\.",
    "escaped line ends": "\\nA",
    "escaped letters": "\\u5f20",
    "escaped bytes": "\\x41",
    "inline tags": "1<b>",
    "nothing but inline tags": "<b>",
    "tags that do not end": "1<b ",
    "spelled mails": "a at b dot ",
    "spelled dots": "a dot ",
    "invisible": "1\u200b",
    "enclosed digits": "①1",
    "emoji between digits": "1🙂",
    "look-alikes": "аb",
    "spelled": "1.",
    "spelled and broken": "1\n",
    "groups": "1234.",
    "broken numbers": "a 12345\n67890 ",
    "letters for digits": "1O",
    "surrogates": "\ud800",
    "WeChat": "微信号 ",
    "fields": "full name: Ab",
    "numbers of people": "employee id:\n",
    "names in cells": "user | a_",
    "names in Han sentences": "关注@a",
    "codes before their word": "1234 is your a ",
    "coordinates": "gps 40.1234,",
    "degrees": "1° 2' ",
    "numbers before their word": "123 4 - home ",
    "fields in Chinese": "姓名：丁 ",
    "commands": "curl -u a mysql -p ssh b",
    "SQL without an end": "INSERT INTO a (name, email) VALUES ('",
    "tuples": "INSERT INTO a (name, email) VALUES ('', ''),",
    "strings without an end": "INSERT INTO a (name,email) VALUES (E'\\'",
    "passwords for many": "password for a ",
    "heads of tables": "name,phone\n",
    "rows": 'name,phone\n"a,"',
    "quotes in cells": '""",',
    "gaps": "name   phone   ",
    "nations": "I am Kurdish ",
    "homes": "/home/a/",
    "flights": "AB/CD ",
    "greetings": "thanks,\n",
    "sessions": "sid=a",
    "passwords without a word between": "密码a1",
    "QQ": "QQ",
}


LINEAR = 12
"""Below this is the growth of work that is linear, in four times the text; what is quadratic has 16."""


def _text(unit: str, size: int) -> str:
    return (unit * (size // len(unit) + 1))[:size]


def _growth(work, small: str, large: str) -> float:  # type: ignore[no-untyped-def]
    """CPU time for `large` over that for `small`, each the best of at most three; tenths of a millisecond count as one.

    What is quick enough whatever `small` takes is not measured again, nor is what is `LINEAR` already.
    """
    if (cost := _cost(work, large)) < LINEAR * 1e-4:
        return cost / 1e-4
    base = max(1e-4, min(_cost(work, small) for _ in range(3)))
    return next((cost / base for cost in (cost, _cost(work, large)) if cost < LINEAR * base), _cost(work, large) / base)


def _cost(work, text: str) -> float:  # type: ignore[no-untyped-def]
    before = time.process_time()
    work(text)
    return time.process_time() - before


@pytest.mark.parametrize("unit", NASTY.values(), ids=NASTY.keys())
def test_the_engine_takes_linear_time(unit: str) -> None:
    assert _growth(CORE.analyze, _text(unit, 3_000), _text(unit, 12_000)) < LINEAR


@pytest.mark.parametrize("recognizer", PACK, ids=lambda one: one.name)
def test_each_recognizer_takes_linear_time_in_its_piece(recognizer: CheckedPatternRecognizer) -> None:
    """Of every nasty text, and without the gate, that might have spared it the work."""
    for name, unit in NASTY.items():
        small, large = (readable(_text(unit, size)) for size in (1_000, 4_000))
        growth = _growth(lambda text: recognizer.analyze(text, [], None), small, large)
        assert growth < LINEAR, name


def test_a_megabyte_of_noise_has_no_other_reading() -> None:
    noise = base64.b64encode(random.Random(2).randbytes(750_000)).decode()
    assert len(Reader().read(noise).texts) == 1


def test_a_megabyte_without_a_space_is_worked_on_in_many_steps() -> None:
    steps = 0

    def check() -> None:
        nonlocal steps
        steps += 1

    assert CORE.analyze("a" * 1_000_000, check=check) == ()
    assert steps > 1_000_000 / Engine.PIECE


def test_no_recognizer_gets_more_than_its_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: dict[int, int] = {}
    original = CheckedPatternRecognizer.analyze

    def watched(self, text, *rest):  # type: ignore[no-untyped-def]
        sizes[self.reach] = max(sizes.get(self.reach, 0), len(text))
        return original(self, text, *rest)

    monkeypatch.setattr(CheckedPatternRecognizer, "analyze", watched)
    CORE.analyze("call 13812345678 or .eyJ -----BEGIN PRIVATE KEY " * 6_000)
    assert sorted(sizes.values()) == [Engine.PIECE, Engine.FAR]


@pytest.mark.parametrize("offset", range(Engine.PIECE - 30, Engine.PIECE + 2, 4))
def test_an_entity_across_a_border_between_pieces_is_found_whole_and_once(offset: int) -> None:
    text = "x " * (offset // 2) + "mail ann.lee@example.com, phone +49 1511 2345678. " + "y " * 9_000
    found = [(text[f.start : f.end], f.entity) for f in CORE.analyze(text)]
    assert found == [("ann.lee@example.com", "EMAIL_ADDRESS"), ("+49 1511 2345678", "PHONE_NUMBER")]


@pytest.mark.parametrize("start", [10, Engine.PIECE - 100, Engine.PIECE * 2 - 4_000, Engine.FAR - 6_000, Engine.FAR - 20])
def test_a_long_private_key_is_found_whole_wherever_it_lies(start: int) -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\n" + "\n".join([NOISE[:64]] * 190) + "\n-----END RSA PRIVATE KEY-----"
    text = "z " * (start // 2) + key + " z" * 30_000
    secrets = [(f.start, f.end) for f in CORE.analyze(text) if f.entity == "SECRET"]
    assert secrets == [(start // 2 * 2, start // 2 * 2 + len(key))]


def test_a_number_that_a_border_cuts_is_not_found_as_a_shorter_one() -> None:
    for offset in range(Engine.PIECE - 20, Engine.PIECE):
        text = "x " * (offset // 2) + "20240105123456789 " + "y " * 9_000
        assert CORE.analyze(text) == ()


def test_resolution_takes_linear_time() -> None:
    def spans(text: str) -> None:
        found = [Candidate(Finding(n, n + 6, "X", 0.5 + n % 3 / 10, "t"), Rank.PATTERN) for n in range(0, len(text) - 6, 8)]
        resolve(text, found)

    assert _growth(spans, "a" * 40_000, "a" * 160_000) < LINEAR


@pytest.mark.parametrize(
    ("rule", "unit", "entity"),
    [
        (whole_foreign_names, "巴·", "PERSON"),
        (whole_foreign_names, "巴-", "PERSON"),
        (whole_islands, "A B。", "PERSON"),
        (whole_latin_names, "Ab-", "PERSON"),
        (whole_latin_names, "Ab AB 12345 ", "LOCATION"),
        (whole_latin_names, "NHS no 1 ", "LOCATION"),
        (whole_names, "商业", "ORGANIZATION"),
        (whole_names, "各科技公司", "ORGANIZATION"),
    ],
)
def test_edges_of_names_take_linear_time(rule, unit: str, entity: str) -> None:  # type: ignore[no-untyped-def]
    """Where every unit begins with a name, and where the whole text is one."""

    def several(text: str) -> None:
        rule(text, [Tag(at, at + 1, entity, 0.9) for at in range(0, len(text) - len(unit), len(unit))])

    def one(text: str) -> None:
        rule(text, [Tag(0, len(text), entity, 0.9)])

    for work in (several, one):
        assert _growth(work, _text(unit, 3_000), _text(unit, 12_000)) < LINEAR


@pytest.mark.parametrize("rule", [compound_names, short_names])
@pytest.mark.parametrize("unit", ["次仁", "图雅花", "其木格", "俄军", "俄海军事", "中美", "陶次仁"])
def test_rules_for_names_take_linear_time(rule, unit: str) -> None:  # type: ignore[no-untyped-def]
    assert _growth(lambda text: list(rule(text)), _text(unit, 3_000), _text(unit, 12_000)) < LINEAR
