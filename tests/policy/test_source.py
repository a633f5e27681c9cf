from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.policy.reading.load import read_bytes
from gateway.policy.reading.problems import PolicyError
from gateway.policy.source import PolicySource
from gateway.policy.status import PolicyEvent, ReloadOutcome
from tests.support.policy_files import KNOWN, SURROGATES


class Clock:
    """Seconds that pass when the test says so; counts how often somebody looked."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.looks = 0

    def __call__(self) -> float:
        self.looks += 1
        return self.now


def _source(
    path: Path,
    environ: dict[str, str] | None = None,
    *,
    on_event: Callable[[PolicyEvent], None] = lambda _: None,
    clock: Callable[[], float] = lambda: 0.0,
) -> PolicySource:
    return PolicySource(
        path,
        known_entities=KNOWN,
        surrogate_entities=SURROGATES,
        environ=environ or {},
        interval_s=0.01,
        on_event=on_event,
        clock=clock,
    )


def _errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    assert moment.tzinfo == UTC
    return moment


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.005)


@contextlib.asynccontextmanager
async def _watching(source: PolicySource) -> AsyncIterator[None]:
    task = asyncio.create_task(source.watch())
    try:
        yield
        assert not task.done()
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@pytest.fixture
def source(policy_file: Path, base: str) -> PolicySource:
    policy_file.write_text(base)
    return _source(policy_file)


async def test_a_change_takes_hold(source: PolicySource, policy_file: Path, base: str) -> None:
    before = source.current
    async with _watching(source):
        policy_file.write_text(base + "anonymous: demo/app\n")
        await _until(lambda: source.current is not before)
    assert source.current.anonymous is not None
    assert before.anonymous is None
    assert source.problem is None


async def test_a_broken_file_leaves_the_old_policy_and_says_so(
    source: PolicySource, policy_file: Path, base: str, caplog: pytest.LogCaptureFixture
) -> None:
    before = source.current
    async with _watching(source):
        policy_file.write_text(base.replace('8090/v1"', '8090/v1", api_key: sk-topsecret'))
        await _until(lambda: source.problem is not None)
        assert source.current is before
        assert f"{policy_file}:3:" in (source.problem or "")
        await asyncio.sleep(0.1)
        (error,) = _errors(caplog)
        assert before.version in error
        assert "topsecret" not in caplog.text + (source.problem or "")

        policy_file.write_text(base)
        await _until(lambda: source.problem is None)
    assert source.current.version == before.version


async def test_a_deleted_file_is_a_problem_until_it_is_back(source: PolicySource, policy_file: Path, base: str) -> None:
    before = source.current
    async with _watching(source):
        policy_file.unlink()
        await _until(lambda: source.problem is not None)
        assert "cannot be read" in (source.problem or "")
        assert source.current is before
        policy_file.write_text(base + "# back\n")
        await _until(lambda: source.problem is None)
    assert source.current.version != before.version


async def test_a_replaced_link_takes_hold(tmp_path: Path, base: str) -> None:
    for name, text in (("a", base), ("b", base + "# b\n")):
        (tmp_path / name).write_text(text)
    link = tmp_path / "policy.yaml"
    link.symlink_to("a")
    source = _source(link)
    before = source.current.version
    async with _watching(source):
        (tmp_path / "new").symlink_to("b")
        (tmp_path / "new").replace(link)
        await _until(lambda: source.current.version != before)
    assert source.problem is None


async def test_a_file_that_keeps_changing_is_not_read(source: PolicySource, policy_file: Path, base: str) -> None:
    before = source.current
    lines = (base + "# more\n" * 20).splitlines(keepends=True)
    seen = []
    fingerprint = source._fingerprint

    def growing() -> str | None:
        seen.append(1)
        policy_file.write_text("".join(lines[: len(seen)]))
        return fingerprint()

    source._fingerprint = growing  # type: ignore[method-assign]
    async with _watching(source):
        await _until(lambda: len(seen) > 20)
        assert source.current is before
        assert source.problem is None


def test_reload_reads_rotated_keys(policy_file: Path, base: str, tmp_path: Path) -> None:
    policy_file.write_text(base.replace('8090/v1"', '8090/v1", api_key: {file: key}'))
    (tmp_path / "key").write_text("one")
    source = _source(policy_file)
    (tmp_path / "key").write_text("two")
    assert source.reload()
    key = source.current.deployments["local"].api_key
    assert key is not None
    assert key.get_secret_value() == "two"

    (tmp_path / "key").unlink()
    assert not source.reload()
    assert source.current.deployments["local"].api_key == key
    assert "missing or empty" in (source.problem or "")


def test_a_fault_of_ours_keeps_the_old_policy_and_quotes_nothing(source: PolicySource, monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(*_: object, **__: object) -> None:
        raise RuntimeError("topsecret")

    before = source.current
    monkeypatch.setattr("gateway.policy.source.load_policy", fault)
    assert not source.reload()
    assert source.current is before
    assert source.problem == "the policy could not be loaded (RuntimeError)"


def test_without_a_valid_policy_there_is_no_source(policy_file: Path, base: str) -> None:
    with pytest.raises(PolicyError, match="cannot be read"):
        _source(policy_file)
    policy_file.write_text(base.replace('8090/v1"', '8090/v1", api_key: {env: ABSENT}'))
    with pytest.raises(PolicyError, match="missing or empty"):
        _source(policy_file)
    assert _source(policy_file, {"ABSENT": "here"}).problem is None


async def test_a_refused_file_is_said_again_every_five_minutes_until_it_is_mended(
    policy_file: Path, base: str, caplog: pytest.LogCaptureFixture
) -> None:
    policy_file.write_text(base)
    clock = Clock()
    source = _source(policy_file, clock=clock)

    async def later(seconds: float) -> int:
        """How many errors there are when the watch has looked at the clock again."""
        clock.now += seconds
        looks = clock.looks
        await _until(lambda: clock.looks > looks + 3)
        return len(_errors(caplog))

    async with _watching(source):
        policy_file.write_text(base + "nonsense: 1\n")
        await _until(lambda: source.status.stale)
        assert [await later(seconds) for seconds in (0, 299, 1, 299, 1)] == [1, 1, 2, 2, 3]
        assert len(set(_errors(caplog))) == 1
        assert "nonsense" in _errors(caplog)[0]

        policy_file.write_text(base)
        await _until(lambda: not source.status.stale)
        clock.now += 10_000
        await asyncio.sleep(0.1)
        assert len(_errors(caplog)) == 3


def test_another_refusal_is_said_at_once(
    source: PolicySource, policy_file: Path, base: str, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("nonsense", "rubbish"):
        policy_file.write_text(base + f"{name}: 1\n")
        assert not source.reload()
    first, second = _errors(caplog)
    assert "nonsense" in first
    assert "rubbish" in second


def test_the_status_is_that_of_the_policy_in_force(source: PolicySource, policy_file: Path, base: str) -> None:
    start = source.status
    assert (start.version, start.path, start.stale, start.problem) == (source.current.version, str(policy_file), False, None)
    assert _moment(start.last_attempt) == _moment(start.loaded_at) <= datetime.now(UTC)

    policy_file.write_text(base + "nonsense: 1\n")
    assert not source.reload()
    refused = source.status
    assert (refused.version, refused.loaded_at, refused.stale) == (start.version, start.loaded_at, True)
    assert refused.problem == source.problem
    assert "nonsense" in (refused.problem or "")
    assert _moment(refused.last_attempt) >= _moment(start.last_attempt)

    policy_file.write_text(base + "# mended\n")
    assert source.reload()
    mended = source.status
    assert mended.version == source.current.version != start.version
    assert (mended.stale, mended.problem) == (False, None)
    assert mended.loaded_at == mended.last_attempt
    assert _moment(mended.loaded_at) >= _moment(refused.last_attempt)


def test_every_attempt_is_told_in_order(policy_file: Path, base: str) -> None:
    policy_file.write_text(base)
    told: list[PolicyEvent] = []
    source = _source(policy_file, on_event=told.append)
    assert told == []
    first = source.current.version

    policy_file.write_text(base + "nonsense: 1\nrubbish: sk-topsecret\n")
    source.reload()
    policy_file.unlink()
    source.reload()
    policy_file.write_text(base + "# new\n")
    source.reload()
    source.reload()
    second = source.current.version

    broken, gone, applied, again = told
    assert (broken.outcome, broken.previous, broken.problems) == (ReloadOutcome.REFUSED, first, 2)
    assert broken.version not in (None, first, second)
    assert "nonsense" in broken.summary
    assert "topsecret" not in repr(broken)
    assert (gone.outcome, gone.version, gone.previous, gone.problems) == (ReloadOutcome.REFUSED, None, first, 1)
    assert applied == PolicyEvent(
        outcome=ReloadOutcome.APPLIED, version=second, previous=first, problems=0, summary=f"policy {second} is in force"
    )
    assert (again.outcome, again.version, again.previous) == (ReloadOutcome.APPLIED, second, second)


def test_whoever_cannot_note_an_attempt_does_not_stop_it(
    policy_file: Path, base: str, caplog: pytest.LogCaptureFixture
) -> None:
    def unable(event: PolicyEvent) -> None:
        raise OSError(f"topsecret {event.summary}")

    policy_file.write_text(base)
    source = _source(policy_file, on_event=unable)
    before = source.current.version
    policy_file.write_text(base + "# new\n")
    assert source.reload()
    assert source.current.version != before
    policy_file.write_text("")
    assert not source.reload()
    noted = [error for error in _errors(caplog) if "OSError" in error]
    assert len(noted) == 2
    assert "topsecret" not in caplog.text


def test_a_name_from_the_file_makes_no_log_line_of_its_own(
    source: PolicySource, policy_file: Path, base: str, caplog: pytest.LogCaptureFixture
) -> None:
    policy_file.write_text(base + '"a\\nERROR forged\\u2028line": 1\n')
    assert not source.reload()
    (error,) = _errors(caplog)
    assert "forged" in error
    assert len(error.splitlines()) == 1
    assert len((source.problem or "").splitlines()) == 1


def test_readers_see_a_whole_policy_the_old_or_the_new(policy_file: Path, base: str) -> None:
    """Two policies that differ in every part, swapped under readers: no reader sees a part of each, or none."""
    texts = (base, base.replace("local", "remote") + "anonymous: demo/app\n")
    policy_file.write_text(texts[0])
    source = _source(policy_file)
    seen: set[tuple[str, frozenset[str], bool]] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            policy = source.current
            seen.add((policy.version, frozenset(policy.deployments), policy.anonymous is not None))
            done.wait(0.0005)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    whole = set()
    for turn in range(12):
        policy_file.write_text("broken" if turn % 3 == 2 else texts[turn % 2])
        source.reload()
        whole.add((source.current.version, frozenset(source.current.deployments), source.current.anonymous is not None))
    done.set()
    for reader in readers:
        reader.join()
    assert {names for _, names, _ in whole} == {frozenset({"local"}), frozenset({"remote"})}
    assert seen
    assert seen <= whole


@pytest.mark.parametrize("broken_first", [True, False])
async def test_a_file_that_is_swapped_while_it_is_read_is_looked_at_again(
    source: PolicySource, policy_file: Path, base: str, monkeypatch: pytest.MonkeyPatch, broken_first: bool
) -> None:
    """One content is there before a reload and after it, another while it reads: what counts is what was read."""
    texts = {"broken": "broken", "good": base + "# new\n"}
    during, after = ("broken", "good") if broken_first else ("good", "broken")

    def swapped(path: Path) -> bytes:
        path.write_text(texts[during])
        try:
            return read_bytes(path)
        finally:
            path.write_text(texts[after])

    policy_file.write_text(texts[after])
    with monkeypatch.context() as patched:
        patched.setattr("gateway.policy.source.read_bytes", swapped)
        source.reload()
    assert source.status.stale is (during == "broken")
    async with _watching(source):
        await _until(lambda: source.status.stale is (after == "broken"))
