"""A database backend that suspends triggers while tests are cleaned up, and only then."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.backends.postgresql import base, operations


class DatabaseOperations(operations.DatabaseOperations):
    """Flushes past the append-only guards."""

    def execute_sql_flush(self, sql_list: Iterable[str]) -> None:
        """As a replica would apply it: without triggers."""
        statements = ["SET session_replication_role = replica", *sql_list, "SET session_replication_role = DEFAULT"]
        super().execute_sql_flush(statements)


class DatabaseWrapper(base.DatabaseWrapper):
    """The same PostgreSQL otherwise."""

    ops_class: Any = DatabaseOperations
