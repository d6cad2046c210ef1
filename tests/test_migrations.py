"""Migrations that the version before lives with: its processes go on writing while the next one starts."""

from __future__ import annotations

from django.db.migrations import AddField, CreateModel
from django.db.migrations.loader import MigrationLoader
from django.db.models import NOT_PROVIDED

APPS = {"accounts", "generations"}


def test_a_column_that_is_added_needs_nothing_of_processes_that_do_not_know_it() -> None:
    found = []
    for (app, name), migration in MigrationLoader(None).disk_migrations.items():
        new = {each.name_lower for each in migration.operations if isinstance(each, CreateModel)}
        added = [each for each in migration.operations if isinstance(each, AddField)]
        found += [
            (f"{app}.{name}", each.model_name, each.name)
            for each in added
            if app in APPS and each.model_name_lower not in new
            if not (each.field.null or each.field.many_to_many or each.field.db_default is not NOT_PROVIDED)
        ]
    assert found == []
