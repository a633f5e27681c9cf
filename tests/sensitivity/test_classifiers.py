"""Weights are read when they are first asked, checked by their digest, and kept: some of them, in the order they came."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import numpy as np
import pytest

from gateway.errors import ProtectionUnavailable
from gateway.rules.sensitivity import ClassifierRef
from gateway.sensitivity.classifiers import Classifiers
from gateway.sensitivity.features import BUCKETS
from gateway.sensitivity.labels import LABELS
from gateway.sensitivity.weights import Weights, digest_of, read_weights

TEXT = "what may be said"
MANY = 10
"""More than are kept at a time."""
KEPT = 8


def ref(folder: Path, number: int) -> ClassifierRef:
    """A classifier that says the same of every text, and another thing than the others do."""
    bias = np.full(len(LABELS), number - MANY / 2, dtype=np.float32)
    raw = Weights(np.zeros((BUCKETS, len(LABELS)), dtype=np.float32), bias).to_bytes()
    file = folder / f"{number}.npz"
    file.write_bytes(raw)
    return ClassifierRef(file=file, digest=digest_of(raw))


@pytest.fixture(scope="module")
def refs(tmp_path_factory: pytest.TempPathFactory) -> list[ClassifierRef]:
    folder = tmp_path_factory.mktemp("classifiers")
    return [ref(folder, number) for number in range(MANY)]


async def test_all_that_are_asked_at_once_answer_for_themselves(refs: list[ClassifierRef]) -> None:
    classifiers = Classifiers()
    for _ in range(2):
        told = await asyncio.gather(*(classifiers.scores(one, TEXT) for one in refs for _ in range(2)))
        assert [one[LABELS[0]] for one in told] == sorted(one[LABELS[0]] for one in told)
        assert len({one[LABELS[0]] for one in told}) == MANY


async def test_what_is_kept_outlives_its_file_and_the_oldest_is_read_again(tmp_path: Path) -> None:
    classifiers, own = Classifiers(), [ref(tmp_path, number) for number in range(MANY)]
    first = [await classifiers.scores(one, TEXT) for one in own]
    for one in own:
        assert one.file is not None
        one.file.unlink()
    assert await classifiers.scores(own[-1], TEXT) == first[-1]
    with pytest.raises(ProtectionUnavailable):
        await classifiers.scores(own[0], TEXT)


async def test_one_that_is_read_twice_at_once_takes_one_place(tmp_path: Path) -> None:
    classifiers, own = Classifiers(), [ref(tmp_path, number) for number in range(KEPT)]
    for one in own[:-1]:
        await classifiers.scores(one, TEXT)
    await asyncio.gather(*(classifiers.scores(own[-1], TEXT) for _ in range(3)))
    for one in own:
        assert one.file is not None
        one.file.unlink()
        await classifiers.scores(one, TEXT)


async def test_they_are_read_one_by_one_and_once(refs: list[ClassifierRef], monkeypatch: pytest.MonkeyPatch) -> None:
    told = list[str]()

    def read(file: Path, digest: str) -> Weights:
        told.append("begun")
        weights = read_weights(file, digest)
        time.sleep(0.01)
        told.append("read")
        return weights

    monkeypatch.setattr("gateway.sensitivity.classifiers.read_weights", read)
    classifiers = Classifiers()
    await asyncio.gather(*(classifiers.scores(one, TEXT) for one in refs[:3] for _ in range(2)))
    assert told == ["begun", "read"] * 3


async def test_other_bytes_than_policy_names_are_refused(refs: list[ClassifierRef]) -> None:
    swapped = ClassifierRef(file=refs[0].file, digest=refs[1].digest)
    with pytest.raises(ProtectionUnavailable):
        await Classifiers().scores(swapped, TEXT)
