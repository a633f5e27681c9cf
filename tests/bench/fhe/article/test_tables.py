"""What the two tables say."""

from __future__ import annotations

import pytest
from rich.table import Table

from bench.fhe.article.tables import accuracy_table, encrypted_table, same, settings_of

FOUND = {
    "pbs": 12_345,
    "bits": 14,
    "key_mb": 1_234.4,
    "input_mb": 12.3,
    "output_mb": 4.5,
    "compile_s": 60.6,
    "keys_s": 70.2,
    "run_s": 3_600.0,
    "wall_s": 1_900.0,
    "away": 0.5,
    "simulated_away": 0.1234,
    "read_away": 0.0,
}


def _cells(table: Table) -> list[tuple[str, ...]]:
    return list(zip(*(map(str, column.cells) for column in table.columns), strict=True))


def test_every_figure_of_the_encrypted_head_is_told() -> None:
    table = encrypted_table(FOUND, 4)
    told = {row[0]: row[1] for row in _cells(table)}
    assert [str(column.header) for column in table.columns] == ["one head, six tokens", "4 bits"]
    assert told["look-ups (PBS)"] == "12,345"
    assert told["evaluation keys, MB"] == "1,234"
    assert told["to run, CPU-s (and seconds)"] == "3,600 (1,900)"
    assert [told[name] for name in told if "away" in name or name.startswith("  ")] == ["50.0 %", "12.3 %", "0.0 %"]


def test_a_figure_that_was_not_measured_is_missed() -> None:
    with pytest.raises(KeyError, match="wall_s"):
        encrypted_table({name: value for name, value in FOUND.items() if name != "wall_s"}, 4)


def test_each_number_of_bits_is_tried_with_two_activations() -> None:
    assert [str(each) for each in settings_of([2, 4])] == ["w2a13", "w2a3", "w4a13", "w4a4"]


def test_a_row_has_the_shares_of_its_bits() -> None:
    table = accuracy_table([2, 4], [0.1, 0.9], [0.2, 0.3, 0.4, 1.0])
    assert _cells(table) == [("2", "10.0 %", "20.0 %", "30.0 %"), ("4", "90.0 %", "40.0 %", "100.0 %")]


def test_a_share_for_each_setting_is_wanted() -> None:
    with pytest.raises(ValueError, match="shorter"):
        accuracy_table([2, 4], [0.1, 0.9], [0.2, 0.3])


def test_words_are_compared_place_by_place() -> None:
    assert same([1, 2, 3, 4], [1, 3, 2, 4]) == 0.5
    with pytest.raises(ValueError, match="shorter"):
        same([1, 2], [1])
