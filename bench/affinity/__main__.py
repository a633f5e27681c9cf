"""What it is worth that the turns of a chat go where its beginning is warm: `make bench-affinity`.

Method. Two real llama.cpp servers (SmolLM2-135M, two slots each) behind one gateway, which redacts, records and routes; they
are equals in its policy. Half of the chats are as they are; in the other half every turn states a conversation of its own, so
that it goes to any of the two. All chats take their turns one after the other, in one run. Each has a system prompt of its own,
so none warms the cache for another. What was in the cache and how long the rest took to read is llama.cpp's own word
(`timings.cache_n`, `timings.prompt_ms`). First turns are left out: nothing can be warm then.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory

import httpx

from bench.affinity.chats import Chat, Turn
from bench.session import RESULTS
from bench.systems import Service, free_port
from gateway.cli.demo.model import model_file
from gateway.embedded.process import BackendProcess
from gateway.identity.key_store import KeyStore
from gateway.identity.pepper import load_pepper
from gateway.identity.virtual_keys import mint
from gateway.settings import Settings

_POLICY = """\
version: 1
deployments:
  one: {{base_url: "http://127.0.0.1:{0}/v1"}}
  two: {{base_url: "http://127.0.0.1:{1}/v1"}}
models:
  assistant: {{deployments: [[one, two]]}}
tenants:
  bench:
    models: [assistant]
    entities: {{default: placeholder}}
    reply: {{restore: true}}
    principals: {{driver: {{}}}}
"""
_PATIENCE_S = 120.0


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--chats", type=int, default=4, help="chats of each kind")
    parser.add_argument("--turns", type=int, default=6, help="turns of each chat")
    given = parser.parse_args()
    chats = [
        Chat(f"{place}-{number}", affinity)
        for number in range(given.chats)
        for place, affinity in (("north", True), ("south", False))
    ]
    turns: dict[bool, list[Turn]] = {True: [], False: []}
    with _gateway() as http:
        for _ in range(given.turns):
            for chat in chats:
                turns[chat.affinity].append(chat.say(http, "assistant"))
    lines = [*_table(turns), "", f"{given.chats} chats of each kind, {given.turns} turns each."]
    text = "\n".join(["## Prefix affinity", "", *lines])
    print(text)
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"affinity-{time.strftime('%Y%m%d-%H%M%S')}.md").write_text(text + "\n", encoding="utf-8")


@contextmanager
def _gateway() -> Iterator[httpx.Client]:
    """A client of a gateway in front of two servers."""
    with TemporaryDirectory() as made, ExitStack() as stack:
        folder = Path(made)
        ports = (free_port(), free_port())
        for port in ports:
            log = folder / f"model-{port}.log"
            stack.enter_context(BackendProcess("model", ("127.0.0.1", port), [str(model_file())], log=log)).start()
        policy, state, port = folder / "policy.yaml", folder / "state", free_port()
        policy.write_text(_POLICY.format(*ports), encoding="utf-8")
        key = _key(Settings(policy=policy, state_dir=state))
        options = ["--policy", str(policy), "--state-dir", str(state), "--port", str(port)]
        command = [sys.executable, "-m", "gateway", "serve", *options]
        url = f"http://127.0.0.1:{port}"
        stack.enter_context(Service(name="gateway", command=command, probe=f"{url}/healthz", log=folder / "log"))
        headers = {"authorization": f"Bearer {key}"}
        yield stack.enter_context(httpx.Client(base_url=f"{url}/v1", headers=headers, timeout=_PATIENCE_S))


def _key(settings: Settings) -> str:
    pepper = load_pepper(settings.secret_path, {})
    minted = mint(pepper, tenant="bench", principal="driver", now=datetime.now(UTC))
    KeyStore(settings.keys_path).add(minted.record)
    return minted.plaintext


def _table(turns: dict[bool, list[Turn]]) -> Iterator[str]:
    yield "| chats | prompt tokens | of which cached | prefill ms a turn | prefill |"
    yield "|:--|--:|--:|--:|--:|"
    slowest = _prefill_ms(turns[False])
    for affinity, name in ((False, "any of the two"), (True, "where it is warm")):
        later = [turn for turn in turns[affinity] if turn.number > 1]
        tokens, cached = (sum(getattr(turn, what) for turn in later) for what in ("prompt_tokens", "cached_tokens"))
        prefill = _prefill_ms(turns[affinity])
        yield f"| {name} | {tokens} | {cached / tokens:.0%} | {prefill:.0f} | {prefill / slowest:.2f} |"


def _prefill_ms(turns: Sequence[Turn]) -> float:
    return mean(turn.prefill_ms for turn in turns if turn.number > 1)


if __name__ == "__main__":
    main()
