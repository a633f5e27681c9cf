from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.explorer.bank import Bank, a_day, open_bank


@pytest.fixture(scope="session")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    """A bank with a day's worth of exchanges, for tests that add to it and take nothing away."""
    with open_bank(tmp_path_factory.mktemp("bank")) as opened:
        a_day(opened)
        yield opened
