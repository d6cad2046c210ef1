"""What people have besides pictures: albums, shares, archives. Nothing here leads to where only they may go."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from accounts.admin import ReadOnlyAdmin, second_look
from accounts.languages import pgettext_noop
from generations.admin.words import NOTHING
from generations.models import Album, AlbumImage, Export, Share
from generations.models.share import ShareQuerySet


@admin.register(Album)
class AlbumAdmin(ReadOnlyAdmin):
    """Albums, newest first."""

    list_display = ("created", "user", "name", "pictures", "version")
    search_fields = ("id", "name", "user__email")
    list_select_related = ("user",)
    ordering = ("-id",)
    show_full_result_count = False
    fields = ("id", "user", "name", "pictures", "version", "created")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Album]:
        """With how many pictures each has, counted for those that are shown."""
        places = AlbumImage.objects.filter(album=OuterRef("pk")).order_by().values("album")
        found: QuerySet[Album] = super().get_queryset(request)
        return found.annotate(number=Coalesce(Subquery(places.annotate(number=Count("pk")).values("number")), 0))

    @admin.display(description=_("pictures"))
    def pictures(self, album: Album) -> int:
        """How many, those in the trash among them."""
        return int(album.number)  # type: ignore[attr-defined]  # annotated


@admin.register(Share)
class ShareAdmin(ReadOnlyAdmin):
    """Shares, newest first. Their addresses are known to those who were given them."""

    list_display = ("created", "user", "shown", "with_prompt", "views", "expires_at", "ended_at")
    list_filter = (("ended_at", admin.EmptyFieldListFilter), "with_prompt")
    search_fields = ("image__id", "album__id", "user__email")
    list_select_related = ("user", "album")
    ordering = ("-id",)
    show_full_result_count = False
    actions = ("end",)
    told_with = ("user",)
    fields = ("id", "user", "image", "album", "with_prompt", "views", "created", "expires_at", "ended_at")

    @admin.display(description=_("what is shown"))
    def shown(self, share: Share) -> str:
        """An album by its name, a picture by its id."""
        return str(share.album or share.image_id)

    @second_look.action(
        pgettext_noop("act", "end"),
        _("End"),
        _("Nobody sees anything at the addresses of these shares any more, for good."),
    )
    def end(self, request: HttpRequest, queryset: ShareQuerySet) -> list[Share]:
        """Stop those that have not ended."""
        return [share for share in queryset if Share.objects.filter(pk=share.pk).end()]


@admin.register(Export)
class ExportAdmin(ReadOnlyAdmin):
    """Archives, newest first."""

    list_display = ("created", "user", "whole", "status", "made", "weight", "tries", "expires", "error")
    list_filter = ("status", "whole")
    search_fields = ("id", "user__email")
    list_select_related = ("user",)
    ordering = ("-id",)
    show_full_result_count = False
    fields = (
        *("id", "user", "whole", "status", "made", "weight", "tries", "error"),
        *("created", "lease_until", "finished", "expires"),
    )

    @admin.display(description=_("images"))
    def made(self, export: Export) -> str:
        """Those that are in it already."""
        return f"{export.done} / {export.total}"

    @admin.display(description=_("size"))
    def weight(self, export: Export) -> str:
        """In a unit that is easily read."""
        return NOTHING if export.size is None else filesizeformat(export.size)
