"""When a request is over, nothing that would tell its key to whoever has its ciphertexts stands in the client's memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.fhe.wiretap import found_in_memory

_MASK = 0x5555_5555_5555_5555
_REQUEST = f"""
import gc, sys
from pathlib import Path
import numpy as np
from gateway.fhe.client import key, multiply
from gateway.fhe.model.gguf_file import ModelFile
from gateway.fhe.model.shape import Product
from gateway.fhe.server.weights import load_served_model

served = load_served_model(ModelFile(Path(sys.argv[1])), lanes=(1, 32), layers=1)[0]
marks = []

def mark(name, words):
    assert words.flags.c_contiguous
    flat = words.reshape(-1)
    for place in (20, len(flat) // 2, len(flat) - 40):
        marks.append((name, *((int(word) & 0xffffffffffffffff) ^ {_MASK} for word in flat[place : place + 2])))

def marked(name, work, words_of):
    def call(*given):
        found = work(*given)
        mark(name, words_of(given, found))
        return found
    return call

class Line:
    def call(self, body, size):
        return memoryview(served.multiply(memoryview(body)))

key.Scheme.take = marked("taken", key.Scheme.take, lambda given, found: given[2])
key.backward_at = marked("coefficients", key.backward_at, lambda given, found: found)
key.Key.decrypt = marked("phases", key.Key.decrypt, lambda given, found: found)
multiply.results = marked("distances", multiply.results, lambda given, found: given[0])

def request():
    product = multiply.EncryptedMultiply(Line(), key.Key(key.Scheme(served.blueprint.parameters)), served.blueprint)
    for count in (1, 32, 1):
        product(0, Product.GATE_UP, np.random.default_rng(0).integers(-900, 901, (count, 64)))

request()
gc.collect()
kept = np.arange(1, 1001, dtype=np.uint64) << np.uint64(40)
mark("kept", kept)
last = {{}}
for name, *words in marks:
    last.setdefault(name, []).append(words)
for name, found in last.items():
    for words in found[-3:]:
        print(name, *words)
print("done", flush=True)
sys.stdin.read()
"""


def test_what_was_decrypted_is_gone(tiny_file: Path) -> None:
    command = [sys.executable, "-c", _REQUEST, str(tiny_file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        marks = dict[bytes, str]()
        for line in iter(process.stdout.readline, "done\n"):
            name, *masked = line.split()
            marks[b"".join((int(word) ^ _MASK).to_bytes(8, "little") for word in masked)] = name
        found = found_in_memory(process.pid, *marks)
        process.communicate("")
    assert set(marks.values()) == {"taken", "coefficients", "phases", "distances", "kept"}
    assert {marks[each] for each in found} == {"kept"}
