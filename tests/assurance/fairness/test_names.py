"""Lists of names, their trials, and what is said of them: same sentences for all, honest intervals."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.assurance.evidence.document import Document, Kind, Share, Table, Term
from gateway.assurance.fairness.detection_report import Measured, names_report
from gateway.assurance.fairness.intervals import Rate, Ratio, ratio
from gateway.assurance.fairness.lexicons import Lists
from gateway.assurance.fairness.names import LANGUAGES, Cohort, NamesError, carriers, read_names, shipped
from gateway.assurance.fairness.trials import tried
from gateway.cli.assurance.output import Tongue, catalogue
from gateway.cli.commands import cli
from gateway.exchange import Finding

ANNAS = Cohort(group="a", gender=None, script="latin", full=("Anna Ek", "Anna Ås"), parts=("Anna", "Ek", "Ås"))


def test_every_group_has_as_many_names_of_each_gender() -> None:
    cohorts = shipped()
    assert len({cohort.group for cohort in cohorts}) == 26
    for cohort in cohorts:
        assert len(cohort.parts) == (50 if cohort.group != "mongol" else 25)
        assert len(set(cohort.full)) == len(cohort.full)
        assert len(cohort.full) == (150 if cohort.group != "mongol" else 25)
    latin = [cohort for cohort in cohorts if cohort.script == "latin"]
    assert len({cohort.group for cohort in latin}) == 17
    assert all(len(cohort.given) == 25 for cohort in latin)
    groups = {f"group.{cohort.group}" for cohort in cohorts}
    assert groups <= catalogue(Tongue.CHINESE).sentences.keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_have_one_place_for_a_name(language: str) -> None:
    sentences = carriers(language)
    assert len(set(sentences)) == 30
    assert all(sentence.count("{name}") == 1 and "\\n" not in sentence for sentence in sentences)


def test_a_name_counts_as_found_and_leaks_by_its_characters() -> None:
    def find(text: str) -> list[Finding]:
        start = text.index("Anna")
        whole = Finding(start, start + 4, "PERSON", 0.9, "x")
        rest = Finding(start + 5, start + 7, "PERSON", 0.9, "x")
        return {"Ek": [whole, rest], "Ås": [whole]}[text[start + 5 : start + 7]]

    sentences = ("Ask {name}!", "{name} asks.")
    one = tried(ANNAS, ANNAS.full, sentences, 4, find, lambda _: True)
    assert (one.found, one.leaked) == (Rate(4, 4), Rate(2, 4)), "a space between two findings is no leak"
    kept = tried(ANNAS, ANNAS.full, sentences, 4, find, lambda entity: entity != "PERSON")
    assert (kept.found, kept.leaked) == (Rate(4, 4), Rate(4, 4)), "what policy keeps goes out"
    place = tried(ANNAS, ANNAS.full, sentences, 4, lambda _: [Finding(0, 99, "LOCATION", 0.9, "x")], lambda _: True)
    assert (place.found, place.leaked) == (Rate(0, 4), Rate(0, 4)), "hidden, but not seen as a person"


def test_samples_are_different_pairs_as_long_as_there_are_enough() -> None:
    seen: list[str] = []

    def find(text: str) -> list[Finding]:
        seen.append(text)
        return []

    cohort = Cohort(group="a", gender=None, script="latin", full=tuple(f"N{number} X" for number in range(6)))
    tried(cohort, cohort.full, [f"{number} {{name}}" for number in range(3)], 18, find, lambda _: True)
    assert len(set(seen)) == 18


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (5, 10, 0.2366, 0.7634), (81, 263, 0.2553, 0.3662), (0, 0, 0.0, 1.0)],
)
def test_intervals_are_wilsons(hits: int, n: int, low: float, high: float) -> None:
    """81 of 263: Newcombe, Statistics in Medicine 17 (1998), method 3."""
    assert Rate(hits, n).interval == pytest.approx((low, high), abs=5e-5)


def test_a_ratio_knows_that_findings_lie_together() -> None:
    even, lumped, none = Ratio(), Ratio(), Ratio()
    for number in range(40):
        even.add(1, 1)
        lumped.add(40 * (number == 0), 1)
    assert (even.value, lumped.value, none.value) == (1, 1, None)
    assert even.interval == pytest.approx((1, 1))
    assert lumped.interval == pytest.approx((0, 2.96), abs=0.01)
    assert none.interval is None
    assert (ratio(0.5, 1.0), ratio(0.0, 0.0)) == (0.5, 1)


def _table(document: Document) -> Table:
    return next(block for block in document.chapters[0].blocks if isinstance(block, Table))


def test_a_group_below_four_fifths_is_marked() -> None:
    other = Cohort(group="b", gender="female", script="latin", full=("B",), parts=("B",))
    ask = [
        tried(cohort, cohort.full, ("{name}",), 10, lambda text: _found(text, text.startswith("Anna")), lambda _: True)
        for cohort in (ANNAS, other)
    ]
    known: dict[tuple[str, str | None], Rate] = {("a", None): Rate(1, 3)}
    document = names_report(Measured(version="0123456789ab", samples=10, results={("en", "full"): ask}, listed=known))
    good, bad = _table(document).rows
    assert (good[3], good[8], good[9]) == (Share(1.0), Share(1 / 3), "")
    assert (bad[1], bad[5], bad[8], bad[9]) == (Term("gender", "female"), 0.0, None, Term("fairness_mark", "below"))
    gaps = [block for block in document.chapters[0].blocks if not isinstance(block, Table) and block.kind is Kind.GAP]
    assert [line.values["group"] for line in gaps] == [Term("group", "b")]


def _found(text: str, seen: bool) -> list[Finding]:
    return [Finding(0, len(text), "PERSON", 0.9, "x")] if seen else []


def test_a_list_of_ones_own_is_read(tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    path.write_text(
        "\ufeffgroup,gender,name\nstaff,female,Zoë  Ek\nstaff,female,Ada Ås\nguests,,王芳\nguests,,Bo\n", encoding="utf-8"
    )
    told = {(cohort.group, cohort.gender, cohort.script): cohort.full for cohort in read_names(path)}
    assert told == {
        ("staff", "female", "latin"): ("Zoë Ek", "Ada Ås"),
        ("guests", None, "han"): ("王芳",),
        ("guests", None, "latin"): ("Bo",),
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"group;name\na;b\n", "columns"),
        (b"group,name\n", "empty"),
        (b"group,name\nSecret,\n", "line 2"),
        (b"\xff\xfe", "UTF-8"),
        (b"group,name\n" + b"a,b\n" * 4, "line 5"),
    ],
)
def test_a_list_that_is_none_is_refused_without_quoting_it(
    text: bytes, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.assurance.fairness.names._MOST", 3)
    path = tmp_path / "names.csv"
    path.write_bytes(text)
    with pytest.raises(NamesError, match=said) as refused:
        read_names(path)
    assert "Secret" not in str(refused.value)


def test_the_lists_of_the_taggers_know_common_names() -> None:
    lists = Lists()
    common = Cohort(group="a", gender=None, script="latin", full=("x",), parts=("Emily", "Smith", "Qwzxk"))
    assert lists.known(common) == Rate(2, 3)
    han = Cohort(group="a", gender=None, script="han", full=("x",), parts=("志强", "志强", "的确", "王"))
    assert lists.known(han) == Rate(1, 2)


def test_the_real_engine_is_asked(tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    path.write_text("group,name\nstaff,Emily Smith\nstaff,James Taylor\nteam,王芳\n", encoding="utf-8")
    done = CliRunner().invoke(cli, ["assurance", "fairness", "--names", str(path), "--samples", "30", "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert [chapter["chapter"] for chapter in told["chapters"]] == ["fairness.full.en", "fairness.full.zh"]
    (english,) = [block for block in told["chapters"][0]["blocks"] if block["kind"] == "table"]
    (row,) = english["rows"]
    assert (row["group"], row["tried"]) == ("staff", 30)
    assert row["recall"] > 0.8
    assert row["recall_interval"][0] < row["recall"] <= row["recall_interval"][1]
    assert "Emily" not in done.stdout
    for wrong in (["--since", "7d", "--names", str(path)], ["--tenant", "bank"]):
        assert CliRunner().invoke(cli, ["assurance", "fairness", *wrong]).exit_code == 2
    missing = CliRunner().invoke(cli, ["assurance", "fairness", "--names", str(tmp_path / "none.csv")])
    assert (missing.exit_code, "cannot be read" in missing.stderr) == (1, True)
