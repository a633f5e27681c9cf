"""CPU-seconds and bytes of one answer, by where they go."""

from __future__ import annotations

import time
from dataclasses import dataclass

from bench.fhe.setting import Setting
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


def _look(setting: Setting) -> tuple[float, float, int, int]:
    line = setting.connection
    return time.process_time(), setting.server_cpu_s(), line.sent, line.received


def _between(old: tuple[float, float, int, int], new: tuple[float, float, int, int], tokens: int) -> Cost:
    client, server, up, down = ((b - a) / tokens for a, b in zip(old, new, strict=True))
    return Cost(client_s=client, server_s=server, up=up, down=down)
