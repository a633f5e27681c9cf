"""What a system does to personal data, looked at before it is timed: a fast proxy that redacts nothing is no peer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import orjson

from bench.systems import System
from bench.texts import Language, prompt

_NUMBER = 1_000_000  # a prompt that no cell sends
_KINDS: tuple[tuple[Language, int], ...] = (("en", 200), ("en", 4_000), ("zh", 200), ("zh", 4_000))


class RawDataLeaked(Exception):
    """A system that is to redact sent a raw e-mail address to the backend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What was seen of one prompt with planted values: which reached the backend raw, and whether the echo came back whole.

    Whole: the client reads its own prompt again, character for character.
    """

    system: str
    kind: str
    planted: int
    leaked: frozenset[str]
    whole: bool
    whole_streamed: bool

    @property
    def leaks_mail(self) -> bool:
        return any("@" in value for value in self.leaked)


def look(system: System, backend: str) -> Iterator[Sight]:
    """Send a prompt of each kind to the echoing model, plain and streamed; compare what the backend got with the prompt."""
    for language, characters in _KINDS:
        asked = prompt(language, characters, _NUMBER)
        said = _chat(system, asked.text, stream=False)
        received = _received(backend)
        streamed = _chat(system, asked.text, stream=True)
        yield Sight(
            system=system.name,
            kind=f"{language} {characters:,}",
            planted=len(asked.planted),
            leaked=frozenset(value for value in asked.planted if value in received),
            whole=said == asked.text,
            whole_streamed=streamed == asked.text,
        )


def require_no_mail(sights: Sequence[Sight]) -> None:
    """Raises RawDataLeaked."""
    for sight in sights:
        if sight.leaks_mail:
            raise RawDataLeaked(f"{sight.system} sent a raw e-mail address to the backend ({sight.kind} characters)")


def report(sights: Sequence[Sight]) -> str:
    """The sights as lines of a list."""
    return "\n".join(
        f"- {one.system}, {one.kind} characters, {one.planted} planted values: {len(one.leaked)} reached the backend "
        f"({'a raw e-mail address among them' if one.leaks_mail else 'no e-mail address'}); the echo came back "
        f"{_whole(one.whole)} in the plain answer, {_whole(one.whole_streamed)} in the streamed one"
        for one in sights
    )


def _whole(whole: bool) -> str:
    return "whole" if whole else "altered"


def _chat(system: System, text: str, *, stream: bool) -> str:
    """The answer's text."""
    body = {"model": "bench-echo", "messages": [{"role": "user", "content": text}], "stream": stream}
    headers = {"Authorization": f"Bearer {system.key}", "Content-Type": "application/json"}
    request = Request(f"{system.base_url}/chat/completions", data=orjson.dumps(body), headers=headers)
    try:
        with urlopen(request, timeout=120) as response:
            raw: bytes = response.read()
    except HTTPError as error:
        raise RuntimeError(f"{system.name} answered {error.code}: {error.read(500)!r}") from None
    if not stream:
        return str(orjson.loads(raw)["choices"][0]["message"]["content"])
    events = [orjson.loads(line[5:]) for line in raw.splitlines() if line.startswith(b"data:") and b"[DONE]" not in line]
    return "".join(choice["delta"].get("content") or "" for event in events for choice in event["choices"])


def _received(backend: str) -> str:
    """The body that reached the backend last, with its JSON escapes undone."""
    with urlopen(f"{backend.removesuffix('/v1')}/last", timeout=10) as response:
        return str(orjson.loads(response.read()))
