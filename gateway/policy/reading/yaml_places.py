"""Where every key and value of a file stands, kept in three numbers each."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from typing import TypeAlias

TreePath: TypeAlias = tuple[str | int, ...]


class Places:
    """Indices into the text. Values are numbered as they open in the file, so what is inside of one follows it directly."""

    def __init__(self) -> None:
        self._values = array("I")
        self._keys = array("I")
        self._ends = array("I")

    def __len__(self) -> int:
        return len(self._values)

    def open(self, value: int, key: int) -> int:
        """Note a value and its key by where they start, and return the value's number. What has no key gives its own start."""
        self._values.append(value)
        self._keys.append(key)
        self._ends.append(len(self._values))
        return len(self._values) - 1

    def close(self, number: int) -> None:
        """All that was noted since `open` gave this number lies inside of it."""
        self._ends[number] = len(self._values)

    def drop(self, number: int) -> None:
        """Forget this value and all that came after it."""
        del self._values[number:], self._keys[number:], self._ends[number:]

    def value(self, number: int) -> int:
        return self._values[number]

    def key(self, number: int) -> int:
        return self._keys[number]

    def children(self, number: int, data: object) -> dict[str | int, int]:
        """The numbers of what stands directly in the mapping or list of this number, which reads as `data`."""
        numbers: dict[str | int, int] = {}
        child = number + 1
        for step in _steps(data):
            numbers[step] = child
            child = self._ends[child]
        return numbers


class Finder:
    """From a path to a number. A mapping's or list's children are looked through once, when a path first leads there."""

    def __init__(self, data: object, places: Places) -> None:
        self._data = data
        self._places = places
        self._known: dict[int, dict[str | int, int]] = {}

    def find(self, path: TreePath) -> tuple[int, int]:
        """The number of the value at this path, or of the nearest one around it, and how many steps led there."""
        number, data = 0, self._data
        for taken, step in enumerate(path):
            child = self._children(number, data).get(step)
            if child is None:
                return number, taken
            number, data = child, data[step]  # type: ignore[index]  # a child was found there
        return number, len(path)

    def _children(self, number: int, data: object) -> Mapping[str | int, int]:
        if not isinstance(data, dict | list):
            return {}
        if number not in self._known:
            self._known[number] = self._places.children(number, data)
        return self._known[number]


def _steps(data: object) -> Mapping[str, object] | range:
    if isinstance(data, dict):
        return data
    return range(len(data)) if isinstance(data, list) else range(0)
