"""Runs migrations for db.migrate, and for a developer who writes a new one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from alembic import context
from sqlalchemy.types import TypeDecorator

from db.engine import open_database
from db.tables import Base

if TYPE_CHECKING:
    from alembic.autogenerate.api import AutogenContext
    from sqlalchemy import Connection

# `make revision` compares the tables with this scratch database, made anew each time.
SCRATCH = Path("build/revision.db")


def render(kind: str, thing: object, _context: AutogenContext) -> str | Literal[False]:
    """Write our own column types as what they store, so that old migrations never import new code."""
    if kind == "type" and isinstance(thing, TypeDecorator):
        return f"sa.{thing.impl_instance!r}"
    return False


def run(connection: Connection) -> None:
    """Run the migrations on this connection."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        render_item=render,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    SCRATCH.parent.mkdir(exist_ok=True)
    with open_database(f"sqlite:///{SCRATCH}").connect() as scratch:
        run(scratch)
