"""Views for whoever reads the log with SQL: one row for each exchange, and for each act.

A row has its completion where there is one, else its opening, which says `incomplete` or `intended`. An entry whose content was
erased has an empty body, and nothing in its columns.
"""

from __future__ import annotations

from alembic import op

from gateway.store.migrations.triggers import is_postgres

_EXCHANGE = ("opened_at", "tenant", "principal", "model", "outcome", "status", "error_code")
_ACT = ("actor", "action", "tenant", "target", "outcome")


def make_views() -> None:
    for view in ("exchanges", "acts"):
        op.execute(f"DROP VIEW IF EXISTS {view}")
    op.execute(_view("exchanges", "exchange", "head.call_id AS call_id, tail.at AS completed_at", _EXCHANGE))
    op.execute(_view("acts", "act", "head.call_id AS act_id, head.at AS at, tail.at AS ended_at", _ACT))


def _view(name: str, kind: str, first: str, fields: tuple[str, ...]) -> str:
    columns = ", ".join(f"{_field(field)} AS {field}" for field in fields)
    return (
        f"CREATE VIEW {name} AS SELECT head.seq AS seq, {first}, {columns}, coalesce(tail.body, head.body) AS body"  # noqa: S608
        " FROM entries AS head LEFT JOIN entries AS tail ON tail.call_id = head.call_id AND tail.phase = 'completed'"
        f" WHERE head.kind = '{kind}' AND (head.phase = 'opened' OR NOT EXISTS"
        " (SELECT 1 FROM entries AS o WHERE o.call_id = head.call_id AND o.phase = 'opened'))"
    )


def _field(name: str) -> str:
    body = "nullif(coalesce(tail.body, head.body), '')"
    return f"({_readable(body)})::json ->> '{name}'" if is_postgres() else f"json_extract({body}, '$.{name}')"


def _readable(body: str) -> str:
    """Postgres takes nothing out of JSON that holds U+0000 anywhere, as older gateways could write it."""
    mended = rf"regexp_replace({body}, '(?<!\\)((?:\\\\)*)\\u0000', '\1\\ufffd', 'g')"
    return rf"CASE WHEN strpos({body}, '\u0000') > 0 THEN {mended} ELSE {body} END"
