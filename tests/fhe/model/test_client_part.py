from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from gateway.fhe.model.blueprint import Blueprint, drawn
from gateway.fhe.model.client_part import ClientPart, ends_of, read_client_part
from gateway.fhe.model.gguf_file import ModelFile, UnreadableModel
from gateway.fhe.model.widths import Widths
from gateway.fhe.parameters import InsecureParameters
from gateway.fhe.server.weights import ServedModel


def test_both_sides_have_the_same_blueprint(served_tiny: ServedModel, tiny_part: ClientPart) -> None:
    assert tiny_part.blueprint == served_tiny.blueprint


def test_the_file_holds_what_surrounds_the_matrices_and_no_matrix(
    tiny_part: ClientPart, tiny_file: Path, tiny: ModelFile
) -> None:
    assert tiny_part.shape == tiny.shape
    assert tiny_part.words == tiny.words()
    assert (tiny_part.ends.head == ends_of(tiny).head).all()
    part = ModelFile(tiny_file.with_name("client.gguf"))
    assert not part.holds("blk.0.attn_q.weight")
    with pytest.raises(UnreadableModel):
        part.weights(0, next(iter(tiny_part.scales))[1])


@pytest.mark.parametrize("other", ["10,13", "11,12", "11,13 1=11,14", "11,13 down=10,13"])
def test_other_bits_have_another_fingerprint(other: str, tiny: ModelFile, tiny_part: ClientPart) -> None:
    assert drawn(tiny, lambda *_: None, bits=Widths.read(other))[0].fingerprint != tiny_part.blueprint.fingerprint


def test_a_model_is_no_client_part(tiny_file: Path) -> None:
    with pytest.raises(UnreadableModel, match="client-part"):
        read_client_part(tiny_file)


def test_a_client_part_of_another_version_is_none(tiny_file: Path, tiny_part: ClientPart, tmp_path: Path) -> None:
    """Its plans would be read in another sense."""
    assert tiny_part.blueprint.plans
    old = tiny_file.with_name("client.gguf").read_bytes().replace(b"fhe.blueprint.2", b"fhe.blueprint.1")
    (tmp_path / "old.gguf").write_bytes(old)
    with pytest.raises(UnreadableModel, match="this version"):
        read_client_part(tmp_path / "old.gguf")


def test_weak_parameters_in_a_file_are_refused(tiny_part: ClientPart) -> None:
    written = json.loads(tiny_part.blueprint.to_json())
    written["parameters"]["degree"] = 1024
    with pytest.raises(InsecureParameters):
        Blueprint.from_json(json.dumps(written))


@pytest.mark.parametrize("layer_bits", [3, [3], ["3"], ["0=99,99"], {"0": 1}])
def test_noise_is_no_bits_of_layers(tiny_part: ClientPart, layer_bits: object) -> None:
    written = json.loads(tiny_part.blueprint.to_json())
    with pytest.raises(ValueError):  # noqa: PT011 - which words are wrong is told by each part
        Blueprint.from_json(json.dumps({**written, "layer_bits": layer_bits}))


@pytest.mark.parametrize("text", ["{}", "[]", "3", "{", '{"plans": [[1]]}'])
def test_noise_is_no_blueprint(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - JSON's own among them
        Blueprint.from_json(text)


@pytest.mark.parametrize("content", [b"", b"GGUF", b"not a model" * 100])
def test_noise_is_no_model(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "noise.gguf").write_bytes(content)
    with pytest.raises(UnreadableModel):
        ModelFile(tmp_path / "noise.gguf")


def test_scales_come_back(tiny_part: ClientPart, tiny: ModelFile) -> None:
    scales = drawn(tiny, lambda *_: None)[1]
    assert all((tiny_part.scales[place] == np.asarray(each)).all() for place, each in scales.items())
