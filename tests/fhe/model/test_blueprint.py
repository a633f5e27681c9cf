"""A blueprint that is read is one that could have been written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.fhe.model.blueprint import Blueprint, drawn
from gateway.fhe.model.client_part import ClientPart, read_blueprint, read_client_part
from gateway.fhe.model.gguf_file import ModelFile, UnreadableModel
from gateway.fhe.plan import NoPlan
from tests.fhe.tiny import write_tiny_model


def test_what_is_written_is_read(tiny_part: ClientPart) -> None:
    assert Blueprint.from_json(tiny_part.blueprint.to_json()) == tiny_part.blueprint


@pytest.mark.parametrize(
    "changed",
    [
        {"noise": 1e18},
        {"noise": 0.0},
        {"noise": float("nan")},
        {"noise": "x"},
        {"step_bits": -1},
        {"step_bits": 70},
        {"step_bits": 20.0},
        {"largest": 1 << 60},
        {"largest": 0},
        {"drop_mask": 60},
        {"drop_body": -1},
        {"block": 0},
        {"block": True},
        {"block": 1 << 40},
        {"rows": 0},
        {"rows": 10**10},
        {"lanes": 3},
        {"lanes": "1"},
        {"inputs": 10**12},
        {"outputs": 0},
        {"longest": float("inf")},
        {"longest": -1.0},
    ],
    ids=str,
)
def test_plans_that_are_none_are_refused(changed: dict[str, object], tiny_part: ClientPart) -> None:
    written = json.loads(tiny_part.blueprint.to_json())
    written["plans"][0][2].update(changed)
    with pytest.raises(ValueError, match=r"plan|blueprint"):
        Blueprint.from_json(json.dumps(written))


@pytest.mark.parametrize(
    "changed",
    [
        {"plans": []},
        {"fingerprint": "ab"},
        {"bits": {"weight": 11.0, "activation": 13}},
        {"parameters": {"degree": 2048.0, "modulus": 18014398509404161}},
        {"parameters": {"degree": 2048, "modulus": 1}},
    ],
    ids=str,
)
def test_other_noise_is_refused(changed: dict[str, object], tiny_part: ClientPart) -> None:
    written = json.loads(tiny_part.blueprint.to_json())
    with pytest.raises(ValueError, match=r"plan|blueprint|modulus"):
        Blueprint.from_json(json.dumps({**written, **changed}))


def test_a_blueprint_that_lacks_a_product_is_refused(tiny_part: ClientPart) -> None:
    written = json.loads(tiny_part.blueprint.to_json())
    for place in (0, -1):
        some = [each for each in written["plans"] if each is not written["plans"][place]]
        with pytest.raises(ValueError, match="lacks"):
            Blueprint.from_json(json.dumps({**written, "plans": some}))


@pytest.mark.parametrize(("old", "new"), [(b'"outputs": 64', b'"outputs": 65'), (b'"block": 64', b'"block": 00')])
def test_a_client_part_with_such_plans_is_none(
    old: bytes, new: bytes, tiny_file: Path, tiny_part: ClientPart, tmp_path: Path
) -> None:
    assert tiny_part.blueprint.plans
    content = tiny_file.with_name("client.gguf").read_bytes()
    assert old in content
    (tmp_path / "changed.gguf").write_bytes(content.replace(old, new))
    for read in (read_client_part, read_blueprint):
        with pytest.raises(UnreadableModel, match="cannot be used"):
            read(tmp_path / "changed.gguf")


def test_a_model_that_no_ciphertext_holds_is_refused_for_its_width(tmp_path: Path) -> None:
    wide = ModelFile(write_tiny_model(tmp_path / "wide.gguf", hidden=4100))
    with pytest.raises(NoPlan, match="too wide: a matrix has 4100 columns"):
        drawn(wide, lambda *_: None, lanes=(128,))
