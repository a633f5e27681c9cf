"""Documents in words: both languages say the same, values are no markup, the same facts make the same text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from string import Formatter

import pytest
from markdown_it import MarkdownIt

from gateway.assurance import evidence
from gateway.assurance.evidence.ai_act import ai_act
from gateway.assurance.evidence.assessment import assessment
from gateway.assurance.evidence.categories import Category, category_of
from gateway.assurance.evidence.document import Document
from gateway.assurance.evidence.drawn import Drawn
from gateway.assurance.evidence.register import Controller, register
from gateway.assurance.evidence.rendering import as_json, markdown
from gateway.cli.assurance.output import Tongue, catalogue
from gateway.detection.recognizers.registry import built_in_entities
from gateway.explorer.languages import Language, load_catalogues
from gateway.obligations import OperatorKind
from gateway.policy.language.schema import Basis
from tests.assurance.evidence.drawn_from import drawn, exchange, with_tenant
from tests.assurance.evidence.test_assessment import CASES

OWN = load_catalogues(Path(evidence.__file__).parent / "words")
ENGLISH, CHINESE = (OWN[language].sentences for language in (Language.ENGLISH, Language.CHINESE))
EVIL = "<script>alert(1)</script> | [x](http://evil.example) *b* `c` \\| _d_ &amp; $e$"


def _fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def test_both_languages_say_the_same_things() -> None:
    assert ENGLISH.keys() == CHINESE.keys()
    for key, sentence in ENGLISH.items():
        assert _fields(sentence) >= _fields(CHINESE[key]), key
        assert sentence.strip()
        assert key == "document.comma" or re.search(r"[\u4e00-\u9fff]", CHINESE[key]), key


def test_no_key_is_another_words_already() -> None:
    assert not load_catalogues()[Language.ENGLISH].sentences.keys() & ENGLISH.keys()


def test_every_word_of_ours_has_a_sentence() -> None:
    for prefix, words in (("category", Category), ("as", OperatorKind), ("lawful", Basis)):
        assert [word.value for word in words if f"{prefix}.{word.value}" not in ENGLISH] == []
    for risk in CASES:
        assert {f"risk.{risk}", f"risk.{risk}.remedy", f"risk_name.{risk}"} <= ENGLISH.keys()


def test_every_built_in_type_has_a_category() -> None:
    """What the table does not name counts as an identity number: these are the ones that do."""
    numbers = {one for one in built_in_entities() if category_of(one) is Category.IDENTITY_NUMBER}
    names = r"_(ID|NIK|NIF|NIE|CPF|SIN|TFN|SSN|ITIN|NINO|PPSN|AMKA|AHV|RUT|EGN|CNP|FNR|BSN|PESEL|CURP|NRIC|NIN|CNIC|RRN|TNIN|PAN|CCCD|INN)"
    other = {one for one in numbers if not re.search(names, one)}
    assert other == {
        "AR_CUIT",
        "BE_NATIONAL_NUMBER",
        "CERTIFICATE_NUMBER",
        "CN_PASSPORT",
        "CN_TRAVEL_PERMIT",
        "CZ_BIRTH_NUMBER",
        "DE_SOCIAL_SECURITY",
        "DK_CPR",
        "DRIVER_LICENSE",
        "FR_NIR",
        "IN_AADHAAR",
        "IN_VOTER",
        "IT_FISCAL_CODE",
        "JP_MY_NUMBER",
        "PASSPORT_NUMBER",
        "RU_SNILS",
        "SE_PERSONNUMMER",
    }


def _documents(of: Drawn) -> Iterator[Document]:
    yield register(of, Controller(name="Example"))
    yield assessment(of)
    yield ai_act(of)


@pytest.mark.parametrize("tongue", Tongue)
@pytest.mark.parametrize("render", [markdown, as_json])
def test_documents_can_be_written(tongue: Tongue, render: Callable[..., str], tmp_path: Path) -> None:
    t = catalogue(tongue)
    rich = drawn(tmp_path, CASES["one_officer"], [exchange()])
    first = [render(document, t) for document in _documents(rich)]
    again = [render(document, t) for document in _documents(drawn(tmp_path, CASES["one_officer"], [exchange()]))]
    assert first == again


def test_json_has_keys_values_and_sentences(tmp_path: Path) -> None:
    told = json.loads(as_json(register(drawn(tmp_path), Controller()), catalogue(Tongue.ENGLISH)))
    chapter = next(one for one in told["chapters"] if one["chapter"] == "register.transfers")
    first = chapter["blocks"][0]
    assert first["key"] == "register.transfers.none"
    assert first["values"] == {"tenant": "bank", "deployments": None}
    assert first["source"] == {"from": "built_in"}
    assert first["text"].startswith("Nothing of tenant bank")
    (row,) = next(block for block in told["chapters"][3]["blocks"] if block["kind"] == "table")["rows"]
    assert (row["recipient"], row["place"], row["line"]) == ("gpu", "own", 3)


def test_what_a_policy_says_is_no_markup(tmp_path: Path) -> None:
    policy = with_tenant()
    policy["purposes"] = {"support": {"basis": "contract", "description": EVIL}}
    text = markdown(register(drawn(tmp_path, policy), Controller(name=EVIL + "\n# Title")), catalogue(Tongue.ENGLISH))
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    assert "<script>" not in html
    assert "<a " not in html
    assert html.count("&lt;script&gt;alert(1)&lt;/script&gt; | [x](http://evil.example) *b* `c` \\| _d_ &amp;amp; $e$") == 2
    assert html.count("<h1>") == 1
