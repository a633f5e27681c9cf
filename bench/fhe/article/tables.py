"""The bench's two tables: what an encrypted head costs, and accuracy against bits. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.table import Table

from gateway.fhe.model.quantise import Bits
from gateway.fhe.model.widths import Widths

_ACTIVATION = 13
_LEAST_ACTIVATION = 3


def encrypted_table(found: Mapping[str, float], bits: int) -> Table:
    """Of what `bench.fhe.article.under_encryption` prints: counts, MB, seconds and shares of 1."""
    table = Table("one head, six tokens", f"{bits} bits")
    for name, value in (
        ("look-ups (PBS)", f"{found['pbs']:,}"),
        ("widest number, bits", f"{found['bits']}"),
        ("evaluation keys, MB", f"{found['key_mb']:,.0f}"),
        ("input and output, MB", f"{found['input_mb']:.0f} and {found['output_mb']:.0f}"),
        ("to compile, CPU-s", f"{found['compile_s']:,.0f}"),
        ("to make keys, CPU-s", f"{found['keys_s']:,.0f}"),
        ("to run, CPU-s (and seconds)", f"{found['run_s']:,.0f} ({found['wall_s']:,.0f})"),
        ("away from the same in clear", _percent(found["away"])),
        ("  simulated, of 20 texts", _percent(found["simulated_away"])),
        ("  by reading the highest bits alone", _percent(found["read_away"])),
    ):
        table.add_row(name, value)
    return table


def settings_of(bits: Sequence[int]) -> list[Widths]:
    """Two for each: weights of so many bits with activations of 13, and with activations of as many."""
    return [Widths(Bits(each, activation)) for each in bits for activation in (_ACTIVATION, max(each, _LEAST_ACTIVATION))]


def accuracy_table(bits: Sequence[int], heads: Sequence[float], whole: Sequence[float]) -> Table:
    """Shares of 1: of the head alone, one for each number of bits, and of the whole model, in the order of `settings_of`."""
    table = Table("bits", "the head alone", "all weights, activations of 13", "all weights and activations")
    for row in _rows(bits, heads, whole):
        table.add_row(*row)
    return table


def same(wanted: Sequence[int], said: Sequence[int]) -> float:
    """The share of words that are equal, place by place."""
    return sum(a == b for a, b in zip(wanted, said, strict=True)) / len(wanted)


def _rows(bits: Sequence[int], heads: Sequence[float], whole: Sequence[float]) -> Iterator[tuple[str, ...]]:
    for each, *shares in zip(bits, heads, whole[::2], whole[1::2], strict=True):
        yield str(each), *map(_percent, shares)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
