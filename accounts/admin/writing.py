"""Forms of rows that admins write, in which every field has a name, also for who does not see what stands beside it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminSplitDateTime
from django.db import models
from django.http import HttpRequest


class NamedDateTime(AdminSplitDateTime):
    """A day and a time that say which they are, and of what: their ``aria-label``."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """As Django sets them, with their names."""
        context = super().get_context(name, value, attrs)
        widget = context["widget"]
        of = widget["attrs"].get("aria-label", "")
        for part, label in zip(widget["subwidgets"], (context["date_label"], context["time_label"]), strict=True):
            part["attrs"]["aria-label"] = f"{of} {label}".strip(" :")
        return context


class WrittenAdmin(admin.ModelAdmin[Any]):
    """Rows that admins write, in a form or in the list."""

    formfield_overrides = {models.DateTimeField: {"widget": NamedDateTime}}

    def formfield_for_dbfield(
        self, db_field: models.Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        """With a name for each part of a field that has several."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and isinstance(field.widget, NamedDateTime):
            field.widget.attrs["aria-label"] = str(field.label)
        return field

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> Any:
        """With names for what Django leaves without any there."""
        form = super().get_changelist_form(request, **kwargs)

        class Named(form):  # type: ignore[misc,valid-type]
            def __init__(self, *args: Any, **options: Any) -> None:
                super().__init__(*args, **options)
                for field in self.fields.values():
                    field.widget.attrs["aria-label"] = field.label or ""

        return Named
