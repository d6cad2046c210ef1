"""What operators see on the admin's first page."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import RequestContext
from django.urls import reverse

from generations.admin import books, dashboard
from generations.admin.notices import notices
from generations.admin.providers import may_see_providers

register = template.Library()


@register.inclusion_tag("admin/components/_notices.html", takes_context=True)
def operations_notices(context: RequestContext) -> dict[str, Any]:
    """What is wrong with the books and the providers, for those who may see them."""
    user = context["request"].user
    found = list(books.notices()) if user.has_perm("generations.view_ledgercheck") else []
    return {"notices": [*found, *(notices() if may_see_providers(user) else [])]}


@register.inclusion_tag("admin/components/_dashboard.html", takes_context=True)
def operations_dashboard(context: RequestContext) -> dict[str, Any]:
    """Figures to run a studio by, and the pages that belong to no table."""
    pages = [(page.title, reverse(f"admin:{page.name}")) for page in context["studio_pages"]]
    return {"blocks": dashboard.blocks(context["request"].user), "pages": pages}
