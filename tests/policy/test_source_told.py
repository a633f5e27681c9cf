"""What is said of a policy that is loaded, or refused: in the log, in its status, and to whoever notes attempts."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.policy.source import PolicySource
from gateway.policy.status import PolicyEvent, ReloadOutcome
from tests.policy.test_source import _errors, _source, _until, _watching


class Clock:
    """Seconds that pass when the test says so; counts how often somebody looked."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.looks = 0

    def __call__(self) -> float:
        self.looks += 1
        return self.now


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    assert moment.tzinfo == UTC
    return moment


@pytest.fixture
def source(policy_file: Path, base: str) -> PolicySource:
    policy_file.write_text(base)
    return _source(policy_file)


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
