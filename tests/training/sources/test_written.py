"""Real texts are cut into pieces of a prompt's length, and only from the files that are known."""

from __future__ import annotations

import hashlib
import io
import json
import random
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import MappingProxyType

import pytest

from training.sources.written import SOURCES, Source, comments, download, packed_talks, run_together, talks, written

SENTENCES = "杭州在中国。\n\n他姓王\n她住在北京\n今天下雨。\n  \n再见\n"


def source(texts: Callable[[bytes, random.Random], Iterator[str]], **contents: bytes) -> Source[str]:
    return Source(
        "ann/texts", "1" * 40, MappingProxyType({k: hashlib.sha256(v).hexdigest() for k, v in contents.items()}), texts
    )


def kept(folder: Path, one: Source[str], **contents: bytes) -> Path:
    for name, content in contents.items():
        path = one.kept(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


@pytest.mark.parametrize("seed", range(8))
def test_sentences_run_together_without_one_lost_and_parted_where_no_stop_is(seed: int) -> None:
    whole = "".join(run_together(SENTENCES.encode(), random.Random(seed)))
    plain = [whole := whole.replace(mark, "") for mark in "，\n "][-1]
    assert plain == "杭州在中国。他姓王她住在北京今天下雨。再见"


def test_a_sentence_without_a_stop_does_not_touch_the_next_one() -> None:
    texts = [text for seed in range(40) for text in run_together(SENTENCES.encode(), random.Random(seed))]
    assert any("他姓王" in text and "她住在北京" in text for text in texts)
    assert not any("他姓王她" in text for text in texts)


def test_two_messages_of_a_conversation_are_a_text_in_either_form() -> None:
    said = ["你好 ", "我是王明。", "再见"]
    plain = json.dumps([{"messages": [{"message": one} for one in said]}]).encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("val.json", json.dumps({"7": {"messages": [{"content": one} for one in said]}}))
    chance = random.Random(1)
    assert list(talks(plain, chance)) == list(packed_talks(packed.getvalue(), chance)) == ["你好我是王明。", "再见"]


def test_comments_are_a_column_of_a_table() -> None:
    content = '\ufeff,label,TEXT\n1,0,今天下雨\n2,1,"他说，再见 "\n'.encode()
    assert list(comments(content, random.Random(1))) == ["今天下雨", "他说，再见"]


def test_a_text_that_files_repeat_comes_once_and_a_very_long_one_not_at_all(tmp_path: Path) -> None:
    contents = {"a": "他姓王。".encode(), "b": "他姓王。".encode(), "c": ("长" * 301).encode()}
    one = source(run_together, **contents)
    assert list(written(kept(tmp_path, one, **contents), random.Random(1), [one])) == ["他姓王。"]


def test_another_file_than_the_known_one_is_refused(tmp_path: Path) -> None:
    one = source(run_together, a="他姓王。".encode())
    with pytest.raises(ValueError, match="a is not that of ann/texts"):
        list(written(kept(tmp_path, one, a="他姓李。".encode()), random.Random(1), [one]))


def test_every_file_is_pinned_by_a_commit_and_a_digest() -> None:
    files = [(one, path) for one in SOURCES for path in one.files]
    assert len({one.kept(Path(), path) for one, path in files}) == len(files)
    assert all(one.commit in one.url(path) and len(one.files[path]) == 64 for one, path in files)


def test_files_are_brought_once_and_only_if_they_are_the_known_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = source(run_together, a=b"a"), source(run_together, b=b"b")
    for path, content in ((one.url("a"), b"a"), (other.url("b"), b"c")):
        there = tmp_path / "host" / path.partition("//")[2].partition("/")[2]
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_bytes(content)
    monkeypatch.setattr("training.sources.written._HOST", (tmp_path / "host").as_uri())
    download(tmp_path, [one])
    assert one.kept(tmp_path, "a").read_bytes() == b"a"
    one.kept(tmp_path, "a").write_bytes(b"mine")
    download(tmp_path, [one])
    assert one.kept(tmp_path, "a").read_bytes() == b"mine"
    with pytest.raises(ValueError, match="b is not that of ann/texts"):
        download(tmp_path, [other])
    assert not other.kept(tmp_path, "b").exists()
