from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from gateway.cli.serve import collector


@pytest.fixture(autouse=True)
def collecting() -> Iterator[None]:
    """The collector as it was."""
    threshold = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*threshold)


class Node:
    def __init__(self) -> None:
        self.itself = self


def test_what_was_loaded_is_no_longer_looked_at() -> None:
    collector.settle()
    assert gc.get_freeze_count() > 1_000
    assert len(gc.get_objects()) < gc.get_freeze_count()


def test_what_comes_later_is_still_collected() -> None:
    collector.settle()
    later = weakref.ref(Node())
    gc.collect()
    assert later() is None
