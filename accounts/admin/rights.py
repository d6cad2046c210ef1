"""Rights, for groups and people, by names in the reader's language: Django keeps English ones in the database."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.models import Group, Permission
from django.db.models import ManyToManyField
from django.utils.translation import gettext_lazy as _

from accounts.languages import translated

OF_EVERY_TABLE = {
    "add": _("Can add"),
    "change": _("Can change"),
    "delete": _("Can delete"),
    "view": _("Can view"),
}


class RightsField(forms.ModelMultipleChoiceField[Permission]):
    """Rights to choose from."""

    def label_from_instance(self, obj: Permission) -> str:
        """Which app's and table's it is, and what it lets one do."""
        return f"{obj.content_type} | {_name(obj)}"


class RightsAdmin(admin.ModelAdmin[Any]):
    """A form in which rights are given."""

    def formfield_for_manytomany(self, db_field: ManyToManyField[Any, Any], request: Any = None, **kwargs: Any) -> Any:
        """With their names."""
        if db_field.related_model is Permission:
            kwargs["form_class"] = RightsField
        return super().formfield_for_manytomany(db_field, request, **kwargs)


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(RightsAdmin, DjangoGroupAdmin):
    """Groups and their rights."""


def _name(right: Permission) -> str:
    act, _of, model = right.codename.partition("_")
    if act in OF_EVERY_TABLE and model == right.content_type.model:
        return str(OF_EVERY_TABLE[act])
    return translated(right.name)
