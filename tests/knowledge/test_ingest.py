"""Files come in once, are followed, and a hostile one harms nobody else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gateway.errors import InvalidRequest, ProtectionUnavailable
from gateway.knowledge.formats.document import Refusal
from gateway.knowledge.reading import Reader
from gateway.knowledge.rules import Rules
from gateway.knowledge.sources import MOST_BYTES
from gateway.obligations import EntityRules, OperatorKind
from gateway.store.tables.content import DATA_KEYS
from gateway.store.tables.knowledge import CHUNKS, DOCUMENTS, MENTIONS, POSTINGS
from tests.knowledge import files
from tests.knowledge.conftest import RULES, House


async def test_every_kind_beside_hostile_ones(house: House, folder: Path) -> None:
    good = {
        "a.md": b"# Law\n\nPay the rent.", "b.txt": "供应商应交付货物。".encode(), "c.html": b"<p>Garden tools</p>",
        "d.pdf": files.a_pdf(["Bicycle repair"]), "e.docx": files.a_docx(), "f.xlsx": files.an_xlsx(), "g.csv": b"a;b\n1;2\n",
        "h.jsonl": b'{"text":"Night trains"}', "i.html": files.BOOKMARKS,
    }  # fmt: skip
    bad = {
        "bomb.docx": (files.a_bomb(), Refusal.BOMB),
        "entities.docx": (files.with_entities(), Refusal.ENTITIES),
        "macros.xlsx": (files.with_macros(), Refusal.MACROS),
        "broken.pdf": (b"%PDF-1.4 nothing", Refusal.BROKEN),
        "secret.txt": (b"the key is sk-abcdefghijklmnop", Refusal.BLOCKED),
        "photo.jpg": (b"\xff\xd8", Refusal.UNKNOWN_KIND),
    }
    for name, data in {**good, **{name: data for name, (data, _) in bad.items()}}.items():
        (folder / name).write_bytes(data)
    with (folder / "large.txt").open("wb") as file:
        file.truncate(MOST_BYTES + 1)  # sparse
    outside = folder.parent / "outside.txt"
    outside.write_text("not in the folder")
    (folder / "link.txt").symlink_to(outside)
    os.mkfifo(folder / "pipe.txt")
    summary = await house.add(folder)
    assert summary.added == len(good)
    assert {path.name: reason for path, reason in summary.refused} == {
        **{name: reason for name, (_, reason) in bad.items()},
        "large.txt": Refusal.TOO_LARGE,
        "link.txt": Refusal.OUTSIDE,
        "pipe.txt": Refusal.NOT_A_FILE,
    }
    assert (await house.ask("Bicycle repair"))[0].page == 1
    assert (await house.ask("night trains timetable"))[0].title == "Bookmarks"
    assert (await house.ask("供应商 交付"))[0].text == "供应商应交付货物。"


async def test_only_what_has_changed_is_read_again(house: House, folder: Path) -> None:
    for name in ("a.txt", "b.txt", "c.txt"):
        (folder / name).write_text(f"This is {name}.")
    assert (await house.add(folder)).added == 3
    keys = house.rows(DATA_KEYS)
    (folder / "a.txt").write_text("This is new.")
    (folder / "b.txt").unlink()
    summary = await house.add(folder)
    assert (summary.added, summary.unchanged, summary.removed) == (1, 1, 1)
    assert house.rows(DOCUMENTS) == house.rows(CHUNKS) == 2
    assert house.rows(DATA_KEYS) == keys - 2
    assert {passage.text for passage in await house.ask("this is", limit=9)} == {"This is new.", "This is c.txt."}


async def test_what_becomes_unreadable_is_there_no_more(house: House, folder: Path) -> None:
    (folder / "a.jsonl").write_text('{"text":"Good"}')
    await house.add(folder)
    (folder / "a.jsonl").write_text('{"text":"Go')
    summary = await house.add(folder)
    assert (summary.added, summary.removed, len(summary.refused)) == (0, 1, 1)
    assert house.rows(CHUNKS) == house.rows(POSTINGS) == house.rows(DATA_KEYS) == 0


async def test_other_rules_and_other_labels_treat_it_anew(house: House, folder: Path) -> None:
    (folder / "a.txt").write_text("Anna Schmidt signed.")
    await house.add(folder)
    assert [one.text for one in await house.ask("signed")] == ["<PERSON_1> signed."]
    dropping = Rules(EntityRules(OperatorKind.DROP), RULES.detection)
    assert (await house.add(folder, rules=dropping)).added == 1
    assert [one.text for one in await house.ask("signed")] == ["signed."]
    assert (await house.add(folder, labels=["hr"])).added == 1
    assert await house.ask("signed") == ()
    assert house.rows(DOCUMENTS) == 1


async def test_no_other_source_changes_labels(house: House, folder: Path) -> None:
    """Or a file would come out of its protection because somebody added the folder around it."""
    inner = folder / "hr"
    inner.mkdir()
    (inner / "a.txt").write_text("Salaries.")
    await house.add(inner, labels=["hr"])
    summary = await house.add(folder)
    assert [reason for _, reason in summary.refused] == [Refusal.ELSEWHERE]
    assert await house.ask("salaries") == ()
    assert len(await house.ask("salaries", rights=["hr"])) == 1


async def test_what_was_cut_short_goes_on(house: House, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        (folder / f"{number}.txt").write_text(f"Number {number}.")
    put, count = house.library.put, iter(range(9))

    async def failing(document: object) -> None:
        if next(count) == 2:
            raise ProtectionUnavailable("The disk is full.")
        await put(document)  # type: ignore[arg-type]

    monkeypatch.setattr(house.library, "put", failing)
    with pytest.raises(ProtectionUnavailable):
        await house.add(folder)
    summary = await house.add(folder)
    assert (summary.added, summary.unchanged) == (2, 2)


async def test_patterns_files_and_nothing(house: House, folder: Path) -> None:
    for name in ("a.txt", "b.md", ".hidden.txt"):
        (folder / name).write_text(f"Text of {name}.")
    assert (await house.add(f"{folder}/*.txt")).added == 1
    assert (await house.add(folder / "b.md")).added == 1
    with pytest.raises(InvalidRequest):
        await house.add(folder / "none.txt")


async def test_a_file_that_kills_its_reader_is_alone(house: House, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process is killed as it starts on the file, as the limits on memory and time would do."""
    (folder / "a.txt").write_text("First.")
    (folder / "b.txt").write_text("Second.")
    started = Reader._started
    tries = iter(range(9))

    async def dying(self: Reader) -> object:
        process = await started(self)
        if next(tries) == 0:
            process.kill()
            await process.wait()
        return process

    monkeypatch.setattr(Reader, "_started", dying)
    summary = await house.add(folder)
    assert [(path.name, reason) for path, reason in summary.refused] == [("a.txt", Refusal.SLOW)]
    assert summary.added == 1


async def test_who_is_mentioned_is_noted(house: House, folder: Path) -> None:
    """In the chunk, in its headings, and in the title."""
    (folder / "Ben Weber.md").write_text("# Ben Weber\n\nPerfect.\n\n## Anna Schmidt\n\nFine.\n")
    await house.add(folder)
    assert house.rows(MENTIONS) == 3
