"""The questions of an evaluation, and asking them through the gateway as any client would."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import aiohttp
import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from gateway.cli.common.files import unreadable
from gateway.errors import InvalidRequest
from gateway.routing.trial import Answered, Case

_TIMEOUT_S = 600.0
_DENIED = 403
_TEXT = Annotated[str, Field(min_length=1, max_length=100_000)]


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    role: Literal["system", "user", "assistant"]
    content: _TEXT


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    id: str | None = None
    prompt: _TEXT | None = None
    messages: tuple[_Message, ...] = ()
    contains: tuple[_TEXT, ...] = ()
    excludes: tuple[_TEXT, ...] = ()
    refuse: bool | None = None
    reference: _TEXT | None = None

    @model_validator(mode="after")
    def _one_question(self) -> _Line:
        if (self.prompt is None) == (not self.messages):
            raise ValueError("one of prompt and messages")
        if not (self.contains or self.excludes or self.reference) and self.refuse is None:
            raise ValueError("expects nothing")
        return self

    def case(self, number: int) -> Case:
        asked = [one.model_dump() for one in self.messages] or [{"role": "user", "content": self.prompt}]
        return Case(
            id=self.id or f"line {number}",
            messages=tuple(asked),
            contains=self.contains,
            excludes=self.excludes,
            refuse=self.refuse,
            reference=self.reference,
        )


def read_set(path: Path) -> list[Case]:
    """Raises InvalidRequest, which names the line and never quotes it."""
    try:
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except OSError as error:
        raise InvalidRequest(unreadable(path, error), param="set") from None
    except ValueError:
        raise InvalidRequest(f"{path} is not UTF-8 text.", param="set") from None
    if not lines:
        raise InvalidRequest("The set is empty.", param="set")
    return [_case(number, line) for number, line in enumerate(lines, 1)]


def _case(number: int, line: str) -> Case:
    try:
        return _Line.model_validate_json(line).case(number)
    except ValidationError:
        fix = 'write {"prompt": "...", and some of "contains": [...], "excludes": [...], "refuse": true, "reference": "..."}'
        raise InvalidRequest(f"Line {number} is no case: {fix}.", param="set") from None


class Asker:
    """Asks one question at a time. What the gateway's cache holds is not asked for: it would be one model's answer for both."""

    def __init__(self, session: aiohttp.ClientSession, url: str, headers: Mapping[str, str], max_tokens: int) -> None:
        self._session = session
        self._url = f"{url.rstrip('/')}/chat/completions"
        self._headers = {**headers, "cache-control": "no-store"}
        self._max_tokens = max_tokens

    async def ask(self, model: str, messages: Sequence[dict[str, str]]) -> Answered:
        """Trouble is an answer too: of a model that cannot be reached nobody can say that it is as good."""
        body = {"model": model, "messages": list(messages), "temperature": 0, "max_tokens": self._max_tokens}
        began = time.perf_counter()
        try:
            timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
            async with self._session.post(self._url, json=body, headers=self._headers, timeout=timeout) as response:
                raw = await response.read()
        except (aiohttp.ClientError, TimeoutError):
            return Answered(error="unreachable")
        taken = (time.perf_counter() - began) * 1_000
        return _answered(response.status, raw, taken)


def _answered(status: int, raw: bytes, taken_ms: float) -> Answered:
    try:
        told: Any = orjson.loads(raw)
        if status == _DENIED:
            return Answered(denied=True, whole_ms=taken_ms)
        if status >= 400:
            return Answered(error=str(told["error"]["code"]), whole_ms=taken_ms)
        usage = told.get("usage") or {}
        text = told["choices"][0]["message"]["content"] or ""
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        return Answered(error=f"status {status}", whole_ms=taken_ms)
    return Answered(text=text, whole_ms=taken_ms, output_tokens=usage.get("completion_tokens"))
