"""What the commands of `gateway audit` share."""

from __future__ import annotations

from typing import Annotated

import typer

Limit = Annotated[int, typer.Option(min=1, max=10_000, help="How many, newest first.")]
