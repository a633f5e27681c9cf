import pytest

from gateway.detection.service.fair_queue import FairQueue


def drained(queue: FairQueue[str]) -> list[str]:
    return [queue.pop() for _ in range(len(queue))]


def test_tenants_take_turns_and_each_is_served_in_order() -> None:
    queue: FairQueue[str] = FairQueue()
    for item in ("a1", "a2", "a3", "b1", "c1", "c2"):
        queue.push(item[0], item)
    assert len(queue) == 6
    assert drained(queue) == ["a1", "b1", "c1", "a2", "c2", "a3"]
    assert not queue


def test_who_comes_back_comes_after_the_others() -> None:
    queue: FairQueue[str] = FairQueue()
    queue.push("a", "a1")
    queue.push("a", "a2")
    queue.push("b", "b1")
    first = queue.pop()
    queue.push("a", first)
    assert drained(queue) == ["b1", "a2", "a1"]


def test_what_is_taken_out_has_no_turn() -> None:
    queue: FairQueue[str] = FairQueue()
    for item in ("a1", "a2", "b1"):
        queue.push(item[0], item)
    queue.discard("a", "a1")
    queue.discard("b", "b1")
    queue.discard("b", "b1")
    queue.discard("nobody", "x")
    assert drained(queue) == ["a2"]
    with pytest.raises(LookupError):
        queue.pop()


def test_everything_at_once() -> None:
    queue: FairQueue[str] = FairQueue()
    for item in ("a1", "b1", "a2"):
        queue.push(item[0], item)
    assert sorted(queue.clear()) == ["a1", "a2", "b1"]
    assert not queue


def test_who_may_not_now_keeps_the_turn() -> None:
    queue: FairQueue[str] = FairQueue()
    for item in ("a1", "b1", "b2", "c1"):
        queue.push(item[0], item)
    assert queue.pop(lambda tenant: tenant != "a") == "b1"
    assert queue.has_turn(lambda tenant: tenant == "c")
    assert not queue.has_turn(lambda tenant: tenant == "d")
    with pytest.raises(LookupError):
        queue.pop(lambda tenant: tenant == "d")
    assert drained(queue) == ["a1", "c1", "b2"]
