"""docs/admin-api.md says what the code does."""

from __future__ import annotations

import json
from pathlib import Path

from gateway.api.admin.access import ALLOWED
from gateway.audit.act import Action
from gateway.rules.identity import Role
from tests.api.admin.publish import DOCUMENT

PAGE = Path(__file__).parents[3] / "docs" / "admin-api.md"
COLUMNS = (Role.DEVELOPER, Role.OPERATOR, Role.PRIVACY_OFFICER, Role.AUDITOR)


def test_the_table_of_roles_is_the_one_in_force() -> None:
    written: dict[str, frozenset[Role]] = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if len(cells) == 6 and cells[0].startswith("`"):
            written[cells[0].strip("`")] = frozenset(role for role, cell in zip(COLUMNS, cells[2:], strict=True) if cell)
    document = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    in_force = {
        f"{method.upper()} {path}": ALLOWED[Action(operation["operationId"].removesuffix(".principal"))]
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    }
    assert written == in_force
