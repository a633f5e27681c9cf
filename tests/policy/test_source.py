from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from gateway.policy.reading.load import read_bytes
from gateway.policy.reading.problems import PolicyError
from gateway.policy.source import PolicySource
from gateway.policy.status import PolicyEvent
from tests.support.policy_files import KNOWN, SURROGATES


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
