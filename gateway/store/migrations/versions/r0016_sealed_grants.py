"""Leave to see originals is sealed when it is given. What was given before opens nothing any more: it lasted for minutes."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, LargeBinary

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("grants", Column("seal", LargeBinary, nullable=True))
