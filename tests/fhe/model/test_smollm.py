"""The real model: beside llama.cpp in clear, and its first layers under encryption."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import numpy as np
import pytest
from numpy.typing import NDArray

from gateway.cli.demo.model import model_file
from gateway.embedded.process import BackendProcess
from gateway.fhe.client.connection import Connection
from gateway.fhe.client.key import Key, Scheme
from gateway.fhe.client.multiply import EncryptedMultiply
from gateway.fhe.model.client_part import ends_of
from gateway.fhe.model.forward import Forward, Memory
from gateway.fhe.model.gguf_file import ModelFile
from gateway.fhe.model.products import FloatProducts, InClear, QuantisedProducts
from gateway.fhe.model.quantise import Bits, quantise_matrix
from gateway.fhe.model.shape import Product
from gateway.fhe.model.tokenizer import WordPieces
from gateway.fhe.model.widths import Widths
from gateway.fhe.server.serve import Server
from gateway.fhe.server.weights import load_served_model
from tests.fhe.conftest import serving

pytestmark = pytest.mark.slow

_TEXTS = [
    "The capital of France is",
    "  def add(a, b):\n    return a + b  # 12345\n\n\ndef",
    "Café, naïve, 東京 and 🙂: it's what we've seen, isn't it?",
    "<|im_start|>user\nCount from 1 to 5.<|im_end|>\n<|im_start|>assistant\n",
]


@pytest.fixture(scope="module")
def llama_cpp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log: Path = tmp_path_factory.mktemp("llama") / "log"
    with BackendProcess("model", ("127.0.0.1", port), [str(model_file())], log=log) as process:
        process.start()
        yield f"http://127.0.0.1:{port}"


def _post(url: str, body: dict[str, Any]) -> Any:
    request = Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urlopen(request, timeout=60) as answer:
        return json.load(answer)


def test_words_and_likeliest_next_words_are_those_of_llama_cpp(llama_cpp: str, smollm: ModelFile) -> None:
    """llama.cpp rounds activations to 8 bits, so chances agree to a few hundredths and not exactly."""
    pieces = WordPieces(smollm.words())
    forward = Forward(smollm.shape, ends_of(smollm), FloatProducts(smollm))
    for text in _TEXTS:
        same = _post(f"{llama_cpp}/tokenize", {"content": text, "parse_special": True})["tokens"]
        assert pieces.encode_marked(text) == same
    for text in (_TEXTS[0], _TEXTS[3]):
        tokens = pieces.encode_marked(text)
        answer = _post(f"{llama_cpp}/v1/completions", {"prompt": text, "max_tokens": 1, "temperature": 0, "logprobs": 3})
        (theirs,) = answer["choices"][0]["logprobs"]["content"]
        scores = forward.logits(forward(tokens, Memory(smollm.shape, len(tokens)))[-1:])[0]
        chances = scores - np.log(np.exp(scores - scores.max()).sum()) - scores.max()
        assert int(scores.argmax()) == theirs["id"]
        for each in theirs["top_logprobs"]:
            assert abs(chances[each["id"]] - each["logprob"]) < 0.35


def test_the_first_layers_under_encryption_differ_in_no_integer(smollm: ModelFile) -> None:
    served, scales = load_served_model(smollm, layers=2)
    rows = {
        (layer, product): quantise_matrix(smollm.weights(layer, product), Bits()).rows
        for layer in range(2)
        for product in Product
    }
    compared = 0
    with serving(Server(served)) as address, Connection(address, served.blueprint) as connection:
        multiply = EncryptedMultiply(connection, Key(Scheme(served.blueprint.parameters)), served.blueprint)
        clear = InClear(rows)

        def both(layer: int, product: Product, vectors: NDArray[np.int64]) -> NDArray[np.int64]:
            nonlocal compared
            encrypted = multiply(layer, product, vectors)
            assert (encrypted == clear(layer, product, vectors)).all()
            compared += encrypted.size
            return encrypted

        products = QuantisedProducts(smollm.shape, Widths(), scales, both)
        forward = Forward(smollm.shape, ends_of(smollm, 2), products)
        tokens, memory = WordPieces(smollm.words()).encode_marked(_TEXTS[3]), Memory(smollm.shape, 40)
        forward(tokens, memory)
        forward(tokens[:1], memory)
    assert compared == (len(tokens) + 1) * 2 * (960 + 576 + 3072 + 576)
