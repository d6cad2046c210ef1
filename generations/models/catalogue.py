"""The catalogue: the models that users choose and the routes that serve them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from generations.types import MAX_IMAGES

# Where PostgreSQL keeps this version of a row and which transaction wrote it: no other version has both.
VERSION = """
generations_model.ctid::text || '@' || generations_model.xmin::text || (
    SELECT coalesce(string_agg(r.ctid::text || '@' || r.xmin::text, '' ORDER BY r.id), '')
    FROM generations_route r WHERE r.model_id = generations_model.id
)
"""


class ModelQuerySet(models.QuerySet["Model"]):
    """Finds models by what people call them."""

    def named(self, name: str) -> ModelQuerySet:
        """The models with this slug or alias: one, or none."""
        return self.filter(models.Q(slug=name) | models.Q(aliases__contains=[name]))

    def versioned(self) -> ModelQuerySet:
        """With ``version``, which any change of the model or its routes changes, by whomever it is made."""
        return self.annotate(version=RawSQL(VERSION, ()))  # type: ignore[no-redef]  # noqa: S611 - a constant

    def offered(self) -> ModelQuerySet:
        """Models that can be chosen now, in the catalogue's order."""
        return self.exclude(status=Model.Status.RETIRED).order_by("position", "slug")


class Model(models.Model):
    """What users choose: a name with capabilities, a price and a life of its own."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("active")
        DEPRECATED = "deprecated", _("deprecated")
        RETIRED = "retired", _("retired")

    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=80)
    note = models.CharField(_("note"), max_length=120, blank=True, help_text=_("One line on the model's card."))
    aliases = ArrayField(models.CharField(max_length=120), default=list, blank=True, verbose_name=_("aliases"))
    position = models.PositiveSmallIntegerField(_("position"), default=100)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.ACTIVE)
    retires = models.DateField(_("retires"), null=True, blank=True)
    successor = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("successor")
    )
    ratios = ArrayField(models.CharField(max_length=5), verbose_name=_("ratios"))
    resolutions = ArrayField(models.CharField(max_length=2), verbose_name=_("resolutions"))
    formats = ArrayField(models.CharField(max_length=4), verbose_name=_("formats"))
    max_images = models.PositiveSmallIntegerField(
        _("images at most"), default=MAX_IMAGES, validators=[MinValueValidator(1), MaxValueValidator(MAX_IMAGES)]
    )
    price_1k = models.PositiveIntegerField(_("credits per 1K image"), validators=[MinValueValidator(1)])
    price_2k = models.PositiveIntegerField(_("credits per 2K image"), validators=[MinValueValidator(1)])
    typical_seconds = models.PositiveSmallIntegerField(
        _("typical seconds"), default=15, help_text=_("Shown until there is history.")
    )
    deadline_seconds = models.PositiveIntegerField(_("deadline in seconds"), default=600)
    shipped = models.JSONField(default=dict, blank=True, editable=False)
    version: str  # as ``versioned`` found it

    objects = ModelQuerySet.as_manager()

    class Meta:
        verbose_name = _("model")
        verbose_name_plural = _("models")
        ordering = ("position", "slug")
        # named(): every submit looks a model up by any of its names
        indexes = [GinIndex(fields=["aliases"], name="model_aliases")]
        constraints = [
            models.CheckConstraint(condition=models.Q(price_1k__gt=0, price_2k__gt=0), name="model_price_positive")
        ]

    def __str__(self) -> str:
        return self.name

    def is_called(self, name: str) -> bool:
        """Whether this is its slug or one of its aliases."""
        return name == self.slug or name in self.aliases

    def price(self, resolution: str) -> int:
        """Credits for one image at this resolution."""
        return self.price_2k if resolution == "2K" else self.price_1k


class PriceChange(models.Model):
    """That a model cost something else from then on. The database writes it, whoever changes the price."""

    model = models.ForeignKey(Model, on_delete=models.CASCADE, related_name="price_changes", verbose_name=_("model"))
    resolution = models.CharField(_("size"), max_length=2)
    before = models.PositiveIntegerField(_("before"), null=True)
    after = models.PositiveIntegerField(_("credits per image"))
    actor = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        verbose_name=_("who"),
        help_text=_("Nobody: a new version's catalogue, or a command."),
    )
    created = models.DateTimeField(_("since"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("prices")

    def __str__(self) -> str:
        return f"{self.model} {self.resolution}: {self.after}"


class Route(models.Model):
    """One way to serve a model: a provider, that provider's name for it, and what it honours."""

    model = models.ForeignKey(Model, on_delete=models.CASCADE, related_name="routes", verbose_name=_("model"))
    provider = models.SlugField(_("provider"), max_length=20)
    provider_model = models.CharField(_("provider's model"), max_length=120, blank=True)
    enabled = models.BooleanField(_("enabled"), default=True)
    stand_in = models.BooleanField(
        _("stand-in"), default=False, help_text=_("Used only while no other provider of this model is configured.")
    )
    priority = models.PositiveSmallIntegerField(_("priority"), default=100, help_text=_("Lower is tried first."))
    cost_usd = models.DecimalField(_("cost per image, USD"), max_digits=8, decimal_places=4, default=0)
    resolutions = ArrayField(models.CharField(max_length=2), default=list, verbose_name=_("resolutions"))
    formats = ArrayField(models.CharField(max_length=4), default=list, verbose_name=_("formats"))
    honours_seed = models.BooleanField(_("honours the seed"), default=True)
    honours_negative_prompt = models.BooleanField(_("honours the negative prompt"), default=True)
    gone_since = models.DateTimeField(
        _("gone since"),
        null=True,
        blank=True,
        help_text=_("Since when the vendor says that it has no such model. Empty: it has."),
    )
    gone_detail = models.CharField(_("gone because"), max_length=300, blank=True)
    unlisted_since = models.DateTimeField(
        _("unlisted since"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("Since when the vendor's own list lacks the model. Requests still go there."),
    )
    shipped = models.JSONField(default=dict, blank=True, editable=False)

    class Meta:
        verbose_name = _("route")
        verbose_name_plural = _("routes")
        ordering = ("priority", "cost_usd", "pk")
        constraints = [models.UniqueConstraint(fields=["model", "provider", "provider_model"], name="route_once")]

    def __str__(self) -> str:
        return f"{self.provider} {self.provider_model}".strip()

    def reopen(self) -> bool:
        """The vendor has the model again; whether it was thought gone."""
        closed = Route.objects.filter(pk=self.pk, gone_since__isnull=False)
        return bool(closed.update(gone_since=None, gone_detail=""))
