"""What is remembered, for whom, and how much of it."""

from __future__ import annotations

import asyncio
import gc
import re
import tracemalloc
from collections.abc import Container, Iterator, Sequence
from typing import Any

import pytest

from gateway.detection.kept import Kept
from gateway.detection.recognizers.patterns import WALL
from gateway.detection.service.findings_cache import RememberingDetector
from gateway.detection.service.threaded import ThreadedDetector
from gateway.errors import DetectionUnavailable
from gateway.exchange import Finding
from gateway.obligations import EntityRules, Obligations, OperatorKind
from gateway.redaction.redactor import Redactor
from gateway.rules.detection import DetectionRules

ENTRY = 300
RULES = DetectionRules(tenant="t")


class Counting:
    """A detector that notes what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.fails = False

    async def detect(
        self, texts: Sequence[str], *, rules: DetectionRules = DetectionRules(), kept: Container[str] = frozenset()
    ) -> list[tuple[Finding, ...]]:
        self.asked.extend(texts)
        await asyncio.sleep(0)
        if self.fails:
            raise DetectionUnavailable("no")
        return [self._findings(text, rules, kept) for text in texts]

    def _findings(self, text: str, rules: DetectionRules, kept: Container[str]) -> tuple[Finding, ...]:
        entity = "URL" if "URL" in kept else "PERSON"
        return tuple(Finding(at, at + 3, entity, 0.9, rules.tenant) for at in range(len(text)) if text.startswith("Ann", at))


@pytest.fixture
def inner() -> Counting:
    return Counting()


def remembering(inner: Counting, max_bytes: int = 2**20) -> RememberingDetector:
    return RememberingDetector(inner, max_bytes=max_bytes)


async def test_a_text_is_read_once(inner: Counting) -> None:
    detector = remembering(inner)
    first = await detector.detect(["I am Ann", "no", "I am Ann"], rules=RULES)
    assert [[f.start for f in findings] for findings in first] == [[5], [], [5]]
    assert await detector.detect(["no", "I am Ann", "new"], rules=RULES) == [first[1], first[0], ()]
    assert inner.asked == ["I am Ann", "no", "new"]
    assert (detector.statistics.hits, detector.statistics.misses) == (2, 4)
    assert (detector.statistics.texts, detector.statistics.tenants) == (3, 1)
    assert await detector.detect([], rules=RULES) == []


async def test_it_answers_as_the_inner_one_for_every_combination(inner: Counting) -> None:
    detector = remembering(inner)
    ways = [
        (DetectionRules(tenant=tenant, high_recall=high, allow=frozenset(allow)), kept)
        for tenant in ("a", "b")
        for high in (False, True)
        for allow in ((), ("Ann",))
        for kept in (Kept(), Kept(frozenset({"URL"})), Kept(frozenset({"URL"}), all_but=True))
    ]
    for _ in range(2):
        for rules, kept in ways:
            assert await detector.detect(["Ann"], rules=rules, kept=kept) == await Counting().detect(
                ["Ann"], rules=rules, kept=kept
            )
    assert len(inner.asked) == len(ways)


async def test_nobody_learns_what_another_tenant_has_sent(inner: Counting) -> None:
    """A tenant that asks for a text of another's has it read again, so the time it takes says nothing."""
    detector = remembering(inner)
    await detector.detect(["the merger is off"], rules=DetectionRules(tenant="a"))
    (found,) = await detector.detect(["the merger is off"], rules=DetectionRules(tenant="b"))
    assert inner.asked == ["the merger is off"] * 2
    assert found == ()


@pytest.mark.parametrize(("rules", "kept"), [(DetectionRules(), Kept()), (RULES, frozenset({"URL"}))])
async def test_without_a_tenant_or_a_value_nothing_is_remembered(
    rules: DetectionRules, kept: Container[str], inner: Counting
) -> None:
    detector = remembering(inner)
    for _ in range(2):
        await detector.detect(["Ann"], rules=rules, kept=kept)
    assert inner.asked == ["Ann", "Ann"]
    assert detector.statistics.bytes == 0


async def test_a_failure_is_not_remembered(inner: Counting) -> None:
    detector = remembering(inner)
    await detector.detect(["known"], rules=RULES)
    inner.fails = True
    with pytest.raises(DetectionUnavailable):
        await detector.detect(["known", "Ann"], rules=RULES)
    assert await detector.detect(["known"], rules=RULES) == [()]
    inner.fails = False
    assert len((await detector.detect(["Ann"], rules=RULES))[0]) == 1
    assert inner.asked == ["known", "Ann", "Ann"]


async def test_requests_at_the_same_time(inner: Counting) -> None:
    detector = remembering(inner)
    answers = await asyncio.gather(*(detector.detect(["Ann", f"n{n % 2}"], rules=RULES) for n in range(6)))
    assert all([len(findings) for findings in answer] == [1, 0] for answer in answers)
    assert detector.statistics.texts == 3
    assert detector.statistics.bytes == 3 * ENTRY + 200


async def test_the_least_recently_used_goes_first(inner: Counting) -> None:
    detector = remembering(inner, 3 * ENTRY)
    await detector.detect(["a", "b", "c"], rules=RULES)
    await detector.detect(["a"], rules=RULES)
    await detector.detect(["d"], rules=RULES)
    inner.asked.clear()
    await detector.detect(["a", "c", "d"], rules=RULES)
    assert inner.asked == []
    await detector.detect(["b"], rules=RULES)
    assert inner.asked == ["b"]
    assert detector.statistics.bytes == 3 * ENTRY


async def test_a_flood_costs_only_who_sends_it(inner: Counting) -> None:
    detector = remembering(inner, 30 * ENTRY)
    quiet, loud, third = (DetectionRules(tenant=name) for name in ("quiet", "loud", "third"))
    await detector.detect([f"q{n}" for n in range(10)], rules=quiet)
    await detector.detect([f"x{n}" for n in range(200)], rules=loud)
    await detector.detect([f"t{n}" for n in range(10)], rules=third)
    await detector.detect([f"y{n}" for n in range(200)] + ["Ann" * 500], rules=loud)
    inner.asked.clear()
    await detector.detect([f"q{n}" for n in range(10)], rules=quiet)
    await detector.detect([f"t{n}" for n in range(10)], rules=third)
    assert inner.asked == []
    assert detector.statistics.bytes <= 30 * ENTRY


async def test_tenants_and_their_rules_are_bounded(inner: Counting) -> None:
    detector = remembering(inner)
    for n in range(1_100):
        await detector.detect(["x"], rules=DetectionRules(tenant=f"t{n}"))
    assert detector.statistics.tenants == 1_000
    assert detector.statistics.bytes == 1_000 * ENTRY
    for n in range(40):
        await detector.detect(["x"], rules=DetectionRules(tenant="t1099", max_characters=n + 1))
    inner.asked.clear()
    await detector.detect(["x"], rules=DetectionRules(tenant="t1099", max_characters=40))
    assert inner.asked == []
    await detector.detect(["x"], rules=DetectionRules(tenant="t1099", max_characters=1))
    assert inner.asked == ["x"]


async def test_it_uses_no_more_memory_than_it_counts() -> None:
    class Made(Counting):
        def _findings(self, text: str, rules: DetectionRules, kept: Container[str]) -> tuple[Finding, ...]:
            return tuple(Finding(n + 1_000, n + 1_005, "PERSON", 0.5 + n / 9, "made") for n in range(int(text) % 5))

    inner = Made()
    detector = remembering(inner, 2**20)
    await detector.detect(["0"], rules=RULES)
    tracemalloc.start()
    for start in range(0, 6_000, 50):
        await detector.detect([str(n) for n in range(start, start + 50)], rules=RULES)
        inner.asked.clear()
    gc.collect()
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert 0.9 * 2**20 < detector.statistics.bytes <= 2**20
    assert used < detector.statistics.bytes


async def test_no_text_is_kept_in_it(inner: Counting) -> None:
    detector = remembering(inner)
    await detector.detect(["Ann lives in the 1st house of Very Unusual Street"], rules=RULES)
    inner.asked.clear()
    reachable, seen = [vars(detector)], set[int]()
    while reachable:
        thing: Any = reachable.pop()
        if id(thing) not in seen and not isinstance(thing, type):
            seen.add(id(thing))
            assert "Unusual" not in str(thing)
            reachable.extend(gc.get_referents(thing))
        if len(seen) > 2_000:
            break


class CountingAnalyzer:
    """Finds every Ann, and counts the code points that it was given."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def analyze(self, text: str, **_: object) -> tuple[Finding, ...]:
        self.texts.append(text)
        return tuple(Finding(m.start(), m.end(), "PERSON", 0.9, "r") for m in re.finditer("Ann", text))

    def read(self) -> int:
        """Code points since the last time."""
        read = sum(map(len, self.texts))
        self.texts.clear()
        return read


class Reader:
    """A redactor over a counting analyzer, with or without a memory."""

    def __init__(self, *, remembers: bool) -> None:
        self.analyzer = CountingAnalyzer()
        self._threaded = ThreadedDetector(self.analyzer)
        detector = RememberingDetector(self._threaded, max_bytes=2**20) if remembers else self._threaded
        self._redactor = Redactor(detector, b"k" * 32)

    async def redacted(self, body: dict[str, Any]) -> dict[str, Any]:
        rules = EntityRules(OperatorKind.PLACEHOLDER, {"DATE_TIME": OperatorKind.KEEP})
        obligations = Obligations(request=rules, reply=rules, restore=True, detection=RULES)
        return (await self._redactor.redact(await self._redactor.inspect(body, obligations), tenant="t")).body

    def close(self) -> None:
        self._threaded.close()


@pytest.fixture
def readers() -> Iterator[tuple[Reader, Reader]]:
    made = Reader(remembers=False), Reader(remembers=True)
    yield made
    for reader in made:
        reader.close()


async def test_of_a_chat_that_grows_only_what_is_new_is_read(readers: tuple[Reader, Reader]) -> None:
    """Twenty turns, each sent with everything before it, long texts and short ones, with tools around them."""
    plain, remembering = readers
    tools = [{"function": {"name": "find", "description": "Finds a person by name. " * 4}}]
    messages: list[dict[str, Any]] = [{"role": "system", "content": "Be brief, and polite to Ann.\n\n" * 90}]
    for turn in range(20):
        new = [f"Ann said in turn {turn}: {'and so on, ' * 30}", f"Fine, Ann {turn}"]
        messages += [{"role": "user", "content": new[0]}, {"role": "assistant", "content": new[1]}]
        body = {"user": "zoe", "tools": tools, "messages": messages}
        assert await plain.redacted(body) == await remembering.redacted(body)
        without, with_it = plain.analyzer.read(), remembering.analyzer.read()
    assert with_it == len(new[0]) + len(new[1]) + len(WALL)
    assert without > 20 * with_it


async def test_of_a_long_text_that_changes_in_one_place_only_that_place_is_read(readers: tuple[Reader, Reader]) -> None:
    plain, remembering = readers
    blocks = [f"Paragraph {chr(65 + n % 26)}{n} is about Ann{', and about her' * (n % 40)}." for n in range(300)]
    for change in ("", "Ann was here. ", "And again. "):
        blocks[150] = change + blocks[150]
        body = {"messages": [{"role": "user", "content": "\n\n".join(blocks)}]}
        assert await plain.redacted(body) == await remembering.redacted(body)
        without, with_it = plain.analyzer.read(), remembering.analyzer.read()
    assert 0 < with_it < without / 10
