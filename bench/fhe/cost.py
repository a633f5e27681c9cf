"""CPU-seconds and bytes of one answer, by where they go."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from bench.fhe.setting import Setting
from gateway.fhe.client.connection import Connection
from gateway.fhe.client.generate import Piece, Progress, Wish
from gateway.fhe.client.sampling import Taste


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Of one token. CPU-seconds of this process and of the server's; bytes on the wire."""

    client_s: float
    server_s: float
    up: float
    down: float

    @property
    def cpu_s(self) -> float:
        """Both sides together."""
        return self.client_s + self.server_s


def answer_costs(setting: Setting, prompt: tuple[int, ...], tokens: int) -> tuple[Cost, Cost]:
    """What a token of the prompt costs, and a generated one: of these the cheapest, since other work can only add."""
    wish = Wish(prompt=prompt, most=tokens + 1, taste=Taste(temperature=0))
    reading: Cost | None = None
    said: list[Cost] = []
    last = _look(setting)
    for step in setting.generator.steps(wish, setting.connection):
        now = _look(setting)
        if isinstance(step, Progress) and step.read == step.of:
            reading, last = _between(last, now, step.of), now
        elif isinstance(step, Piece):
            if step.tokens > 1 and now[2] > last[2]:
                said.append(_between(last, now, 1))
            last = now
    if reading is None or not said:
        raise SystemExit("nothing was generated")
    return reading, min(said, key=lambda cost: cost.cpu_s)


def together(setting: Setting, clients: int, tokens: int) -> tuple[float, float]:
    """Of one token, while so many clients generate: the server's CPU-seconds, and seconds that a client waits."""
    wish = Wish(prompt=(1,), most=tokens, taste=Taste(temperature=0))
    address, blueprint = setting.address, setting.generator.part.blueprint

    def answer(_: int) -> None:
        with Connection(address, blueprint) as connection:
            for _step in setting.generator.steps(wish, connection):
                pass

    server_s, start = setting.server_cpu_s(), time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(answer, range(clients)))
    return (setting.server_cpu_s() - server_s) / (clients * tokens), (time.perf_counter() - start) / tokens


def _look(setting: Setting) -> tuple[float, float, int, int]:
    line = setting.connection
    return time.process_time(), setting.server_cpu_s(), line.sent, line.received


def _between(old: tuple[float, float, int, int], new: tuple[float, float, int, int], tokens: int) -> Cost:
    client, server, up, down = ((b - a) / tokens for a, b in zip(old, new, strict=True))
    return Cost(client_s=client, server_s=server, up=up, down=down)
