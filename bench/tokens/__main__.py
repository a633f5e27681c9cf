"""`python -m bench.tokens`: what a real llama.cpp reports, and what we would have counted or estimated, request by request."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from bench.tokens.gguf import write_tokenizer
from gateway.accounting.asked import asked
from gateway.accounting.tokenizers import Counter, read_tokenizer
from gateway.cli.demo.model import model_file
from gateway.embedded.process import BackendProcess
from gateway.limits.estimate import estimate, rough_tokens
from gateway.protocol.facts import facts_of
from gateway.protocol.wire import Surface

_ENGLISH = "The order 4711 of <PERSON_1> was shipped to <ADDRESS_2> on Monday, and the invoice over 1,299.00 is still open. "
_CHINESE = "客户<PERSON_1>的订单4711已于周一发往<ADDRESS_2>，金额为1299元的发票尚未支付。"
_CODE = 'def total(items: list[Item]) -> Decimal:\n    return sum((item.price * item.count for item in items), Decimal("0"))\n'


def cases() -> Iterator[tuple[str, dict[str, Any]]]:
    system = {"role": "system", "content": "You answer in one short sentence."}
    for name, text in (("English", _ENGLISH), ("Chinese", _CHINESE), ("code", _CODE)):
        for size in (100, 1_000):
            said = (text * (size // len(text) + 1))[:size]
            yield f"{name}, {size} characters", {"messages": [system, {"role": "user", "content": said}]}
    turns = [{"role": ("user", "assistant")[at % 2], "content": _ENGLISH} for at in range(11)]
    yield "a chat of 11 turns", {"messages": [system, *turns]}
    yield "without a system message", {"messages": [{"role": "user", "content": _ENGLISH}]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8_391)
    port = parser.parse_args().port
    with tempfile.TemporaryDirectory() as folder:
        path, model = Path(folder) / "tokenizer.json", model_file()
        write_tokenizer(model, path)
        counter = read_tokenizer(path)
        with BackendProcess("model", ("127.0.0.1", port), [str(model)], log=Path(folder) / "log") as backend:
            backend.start()
            print(f"{'request':<26} {'reported':>9} {'counted':>8} {'error':>7} {'estimated':>10} {'error':>7}   of the answer")
            for name, body in cases():
                _show(name, {"model": "m", "max_tokens": 24, "temperature": 0, **body}, counter, port)


def _show(name: str, body: dict[str, Any], counter: Counter, port: int) -> None:
    answer = httpx.post(f"http://127.0.0.1:{port}/v1/chat/completions", json=body, timeout=120).raise_for_status().json()
    usage, message = answer["usage"], answer["choices"][0]["message"]
    read = asked(body, Surface.CHAT)
    told, counted = usage["prompt_tokens"], counter.count(read.texts) + read.overhead
    guessed = estimate(body, facts_of(body, Surface.CHAT)).input_tokens
    said = message.get("content") or ""
    print(
        f"{name:<26} {told:>9} {counted:>8} {_error(counted, told):>7} {guessed:>10} {_error(guessed, told):>7}   "
        f"{usage['completion_tokens']}, {counter.count([said])}, {rough_tokens(said)}"
    )


def _error(ours: int, told: int) -> str:
    return f"{(ours - told) / told * 100:+.1f} %"


if __name__ == "__main__":
    main()
