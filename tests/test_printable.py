"""Text of others cannot steer a terminal, and stays readable."""

from __future__ import annotations

import pytest

from gateway.printable import printable, printable_lines


@pytest.mark.parametrize("sign", ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\x9b", "\u2028", "\u202e", "\u2066", "\udc9b"])
def test_what_a_terminal_would_obey_is_spelt_out(sign: str) -> None:
    for shown in (printable(f"a{sign}b"), printable_lines(f"a{sign}b").replace("\n", "")):
        assert shown.isprintable()
        assert shown.isascii()


def test_lines_stay_lines_and_blanks_stay_blanks() -> None:
    assert printable("一\n二\t三") == "一\\n二\\t三"
    assert printable_lines("一\r\n　二\t三\xa0é\n\n四") == "一\n 二 三 é\n\n四"
