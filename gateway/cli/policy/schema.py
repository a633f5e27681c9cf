"""`gateway policy schema`: the schemas that editors use."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.policy.language.schema import json_schema_text
from gateway.policy.testing.schema import suite_schema_text


def schema(
    tests: Annotated[
        bool, typer.Option("--tests", help="That of test files (kept in policies/policy_test.schema.json).")
    ] = False,
) -> None:
    """Print the JSON Schema of policy files (kept in policies/policy.schema.json)."""
    typer.echo(suite_schema_text() if tests else json_schema_text(), nl=False)
