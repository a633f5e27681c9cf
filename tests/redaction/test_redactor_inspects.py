"""What a detector is asked of a body, and how much of it at once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from gateway.detection.detect import PresidioDetector
from gateway.errors import TextTooLong
from gateway.exchange import Finding
from gateway.obligations import Obligations
from gateway.redaction.redactor import Redactor
from gateway.rules.detection import DetectionRules
from tests.redaction.conftest import KnownValues
from tests.redaction.test_redactor import KEY, obligations, redacted, said, user


async def test_a_large_body_does_not_hold_up_the_event_loop(detector: KnownValues) -> None:
    """While it is worked on, the loop still turns."""
    turns = 0

    async def turn() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    turning = asyncio.create_task(turn())
    body = {"messages": [{"role": "tool", "content": json.dumps([{"name": "Ann Lee", "n": n} for n in range(3_000)])}]}
    redaction = await redacted(detector, body)
    turning.cancel()
    assert "Ann Lee" not in said(redaction)[0]
    assert turns > 10


async def test_surrogates_agree_when_bodies_are_worked_on_at_the_same_time() -> None:
    names = {f"Name{chr(65 + n)} Family{chr(65 + m)}": "PERSON" for n in range(8) for m in range(8)}
    redactor = Redactor(KnownValues(names), KEY)
    body = user(" and ".join(names) + " " + "x" * 60_000)

    async def once() -> dict[str, str]:
        inspection = await redactor.inspect(body, obligations("surrogate"))
        return dict((await redactor.redact(inspection, tenant="t")).pseudonyms.surrogates)

    first, *others = await asyncio.gather(*(once() for _ in range(4)))
    assert all(other == first for other in others)


@pytest.fixture(scope="module")
def core() -> PresidioDetector:
    return PresidioDetector()


class Inline:
    """The real recognizers, without the service around them."""

    def __init__(self, core: PresidioDetector) -> None:
        self._core = core

    async def detect(self, texts: Sequence[str], **_: object) -> list[tuple[Finding, ...]]:
        return [self._core.analyze(text) for text in texts]


@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize(
    ("key", "value"), [("密码", "Tr0ub4dor3x"), ("护照号", "E12345678"), ("电话", "62345678"), ("邮编", "100080")]
)
async def test_a_key_says_what_its_value_is_however_it_is_spelled(
    key: str, value: str, ascii_only: bool, core: PresidioDetector
) -> None:
    arguments = json.dumps({key: value}, ensure_ascii=ascii_only)
    body = {"messages": [{"role": "assistant", "tool_calls": [{"function": {"arguments": arguments}}]}]}
    redactor = Redactor(Inline(core), KEY)
    redaction = await redactor.redact(await redactor.inspect(body, obligations()), tenant="t")
    assert value not in str(redaction.body)
    sent = redaction.body["messages"][0]["tool_calls"][0]["function"]["arguments"]
    assert list(json.loads(sent)) == [key]


async def test_what_the_detector_is_given_is_bounded_too(detector: KnownValues) -> None:
    body = {"messages": [{"content": json.dumps({"phone_number_of_a_person": list(range(100_000, 100_500))})}]}
    size = len(body["messages"][0]["content"])
    with pytest.raises(TextTooLong):
        await redacted(detector, body, replace(obligations(), detection=DetectionRules(max_characters=2 * size)))
    assert detector.pages == []
    await redacted(detector, body, replace(obligations(), detection=DetectionRules(max_characters=5 * size)))
    assert 2 * size < sum(map(len, detector.pages)) <= 5 * size


@pytest.mark.parametrize(
    ("body", "characters"),
    [
        (user("I am Ann Lee", "x" * 88), 103),
        ({"prompt": ["中" * 50, "\U0001f600" * 50]}, 100),
        ({"messages": [{"content": "x" * 90, "name": "ann"}], "tools": [{"zip": "1234567"}]}, 123),
        ({"messages": [{"content": "[1e99]"}]}, 100),
    ],
)
async def test_policy_bounds_the_texts_of_a_request_together(
    body: dict[str, Any], characters: int, detector: KnownValues
) -> None:
    def limited(limit: int) -> Obligations:
        return replace(obligations(), detection=DetectionRules(max_characters=limit))

    await redacted(detector, body, limited(characters))
    detector.pages.clear()
    with pytest.raises(TextTooLong) as refused:
        await redacted(detector, body, limited(characters - 1))
    assert detector.pages == []
    assert refused.value.status == 413
    assert refused.value.body()["error"] == {
        "message": f"The texts of this request are too long: policy allows {characters - 1} characters in all.",
        "type": "invalid_request_error",
        "param": None,
        "code": "text_too_long",
    }
