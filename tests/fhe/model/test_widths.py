from __future__ import annotations

import json

import pytest

from gateway.fhe.model.blueprint import Blueprint, drawn
from gateway.fhe.model.client_part import ClientPart
from gateway.fhe.model.gguf_file import ModelFile
from gateway.fhe.model.quantise import Bits, UnusableBits
from gateway.fhe.model.shape import Product
from gateway.fhe.model.widths import Override, Widths


@pytest.mark.parametrize("text", ["0-3=12,13", "29=12,14", "down=11,14", "0-3/gate_up=8,13", "2/qkv=15,20"])
def test_what_is_read_is_written_again(text: str) -> None:
    assert str(Override.read(text)) == text


def test_the_last_override_counts() -> None:
    widths = Widths.read("11,13 0-1=12,13 down=11,14 1/down=8,8")
    assert str(widths) == "w11a13 0-1=12,13 down=11,14 1/down=8,8"
    assert [[str(widths.of(layer, product)) for product in Product] for layer in (0, 1, 2)] == [
        ["w12a13", "w12a13", "w12a13", "w11a14"],
        ["w12a13", "w12a13", "w12a13", "w8a8"],
        ["w11a13", "w11a13", "w11a13", "w11a14"],
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "such as 11,13"),
        ("11", "such as 11,13"),
        ("11,13 =12,13", "such as 29 or 0-3|need a layer"),
        ("11,13 3-0=12,13", "from the lower"),
        ("11,13 -3=12,13", "such as 29"),
        ("11,13 ٣=12,13", "such as 29"),
        ("11,13 0/ffn=12,13", "qkv, attended, gate_up, down"),
        ("11,13 0=12", "such as 11,13"),
        ("11,13 0=16,13", "2 to 15"),
        ("11,13 0=12,2", "3 to 20"),
    ],
)
def test_senseless_ones_are_refused(text: str, words: str) -> None:
    with pytest.raises(UnusableBits, match=words):
        Widths.read(text)


def test_layers_that_a_model_has_not_are_refused(tiny: ModelFile) -> None:
    drawn(tiny, lambda *_: None, bits=Widths.read("11,13 1=12,13"), lanes=(1,))
    with pytest.raises(UnusableBits, match="layers 0 to 1"):
        drawn(tiny, lambda *_: None, bits=Widths.read("11,13 1-2=12,13"), lanes=(1,))


def test_other_bits_stand_in_the_blueprint(tiny: ModelFile) -> None:
    widths = Widths.read("11,13 1/down=12,14")
    blueprint, _ = drawn(tiny, lambda *_: None, bits=widths, lanes=(1,))
    assert Blueprint.from_json(blueprint.to_json()).bits == widths


def test_a_file_of_before_there_were_other_bits_is_read(tiny_part: ClientPart) -> None:
    written = json.loads(tiny_part.blueprint.to_json())
    assert set(written) == {"name", "parameters", "bits", "plans", "fingerprint"}
    assert Blueprint.from_json(json.dumps(written)).bits == Widths(Bits())
