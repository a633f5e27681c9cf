"""Triggers that keep an honest program honest. That nobody edited the log is shown by signed checkpoints, not by triggers."""

from __future__ import annotations

from alembic import op

_REFUSAL = "the audit log is append-only"


def make_refusal() -> None:
    """Postgres wants a function for a trigger; the error is that of a constraint, as in SQLite."""
    if is_postgres():
        op.execute(
            "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )


def refuse_changes(table: str) -> None:
    """Rows are neither changed nor removed."""
    if is_postgres():
        _postgres(f"{table}_never_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW")
        _postgres(f"{table}_never_go BEFORE TRUNCATE ON {table} FOR EACH STATEMENT")
        return
    refuse(f"{table}_never_change BEFORE UPDATE ON {table}")
    refuse(f"{table}_never_go BEFORE DELETE ON {table}")


def refuse(what: str) -> None:
    """`what`: the name, the event, and the condition as SQLite writes it."""
    op.execute(f"CREATE TRIGGER {what} BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END")


def refuse_insert(name: str, table: str, condition: str) -> None:
    """Rows for which this is true, of the table and of NEW, are not inserted. The condition is SQL that both dialects read."""
    if not is_postgres():
        refuse(f"{name} BEFORE INSERT ON {table} WHEN {condition}")
        return
    # A WHEN clause of Postgres may hold no subquery.
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {condition} THEN"
        f" RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$"
    )
    op.execute(f"CREATE TRIGGER {name} BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")


def is_postgres() -> bool:
    return op.get_context().dialect.name == "postgresql"


def _postgres(what: str) -> None:
    op.execute(f"CREATE TRIGGER {what} EXECUTE FUNCTION refuse_change()")
