"""A data set as files: examples as JSON lines, and the data card beside them, which has their digest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from gateway.dp.dataset.card import DataCard, read_card
from gateway.dp.dataset.example import Example, read_example
from gateway.errors import InvalidRequest
from gateway.private_file import NotPrivateError, read_private, write_private

_MOST_BYTES = 4 * 2**30
_FEWEST_UNITS = 2


@dataclass(frozen=True, slots=True)
class DataSet:
    """The examples of each unit, in the order of the file."""

    card: DataCard
    units: Mapping[str, Sequence[Example]] = field(repr=False)


def card_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.card.json")


def lines_of(examples: Sequence[Example]) -> bytes:
    return b"".join(example.to_json() + b"\n" for example in examples)


def write_data_set(path: Path, lines: bytes, card: DataCard) -> None:
    """Both their owner's alone. Raises OSError, and FileExistsError where there is one already."""
    if path.exists() or card_of(path).exists():
        raise FileExistsError(str(path))
    write_private(path, lines, replace=False)
    write_private(card_of(path), card.to_json(), replace=False)


def read_data_set(path: Path) -> DataSet:
    """Raises InvalidRequest for what is no data set as it was written, has one unit only, or mixes tenants."""
    raw, card = _read(path), read_card(_read(card_of(path)))
    if sha256(raw).hexdigest() != card.sha256:
        raise InvalidRequest("The data set is not the one that its card describes.", param="dataset")
    units: dict[str, list[Example]] = {}
    for example in map(read_example, raw.splitlines()):
        if example.tenant != card.tenant:
            raise InvalidRequest("The data set has examples of more than one tenant.", param="dataset")
        units.setdefault(example.unit, []).append(example)
    if len(units) < _FEWEST_UNITS:
        raise InvalidRequest(f"The data set is of fewer than {_FEWEST_UNITS} units: nobody could hide in it.", param="dataset")
    if max(map(len, units.values())) > card.per_unit:
        raise InvalidRequest("A unit has more examples than the card says.", param="dataset")
    return DataSet(card, units)


def _read(path: Path) -> bytes:
    try:
        return read_private(path, _MOST_BYTES)
    except NotPrivateError as problem:
        raise InvalidRequest(f"The data set, or its card, {problem}.", param="dataset") from None
    except OSError:
        raise InvalidRequest("The data set, or the card beside it, cannot be read.", param="dataset") from None
