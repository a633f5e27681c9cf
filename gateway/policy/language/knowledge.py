"""What a level says of who may keep documents: upload files, make vector stores, and change them."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import StringConstraints

EVERYBODY = "*"
"""In `write`: every caller at that level, with or without a role."""

Writer: TypeAlias = Annotated[str, StringConstraints(pattern=r"^(\*|[^\s,\x00-\x1f]{1,200})$")]
