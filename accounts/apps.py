"""People, their keys and their credits, and the site on which admins look after them."""

from __future__ import annotations

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Knows nothing of generations."""

    name = "accounts"
    verbose_name = _("People and credits")
    default = True


class StudioAdminConfig(admin_apps.AdminConfig):
    """Django's admin on a site of the studio's own."""

    default_site = "accounts.site.StudioSite"
    default = False

    def ready(self) -> None:
        """From here on what admins save is in the log of their acts."""
        super().ready()
        from django.contrib import admin  # noqa: PLC0415 - needs the models

        from accounts import auditing  # noqa: PLC0415

        auditing.listen(admin.site)
