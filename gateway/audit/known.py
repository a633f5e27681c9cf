"""What a later gateway wrote beside what this one knows is passed over, so that both can serve on one database. Pure.

A later version may add a field to what is on record, and the others keep their meaning: whatever changes that takes a new word
in a field that is there (an outcome, an action), and is not read by whoever does not know it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def known(fields: dict[str, Any], of: type[DataclassInstance]) -> dict[str, Any]:
    """The fields that this version has. Raises AttributeError for what is no object."""
    names = of.__dataclass_fields__
    return fields if fields.keys() <= names.keys() else {name: fields[name] for name in names if name in fields}
