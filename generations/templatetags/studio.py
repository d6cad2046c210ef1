"""How templates show icons, moments, ratios and what stands in for a picture."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from functools import cache

from django import template
from django.contrib.humanize.templatetags.humanize import intcomma
from django.forms import BoundField
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from lucide.templatetags.lucide import lucide

from accounts import sealing
from accounts.languages import translated
from accounts.models import Entry
from generations import announcing, pushing
from generations.models import Generation, Image
from generations.types import PIXEL_SIZES

register = template.Library()

# Every ratio's width divided by its height, as it comes out in pixels.
RATIOS = {ratio: sizes["1K"][0] / sizes["1K"][1] for ratio, sizes in PIXEL_SIZES.items()}
ROW_HEIGHTS = {1440: 255, 1024: 205, 768: 170, 0: 140}  # px, from which width of the window on: as in pictures.css
ROW_GROWS = 1.05
BAR_FLOOR = 146  # px from the chart's top to the foot of its bars
LONG_WAIT = 120  # seconds
MINUS = "\N{MINUS SIGN}"
LONG_SIDE = 36  # px of a drawn shape
THUMBHASH_HEADER = 3  # bytes that hold the average colour
MOMENT_OF_REST = dt.timedelta(minutes=1)


@register.simple_tag(name="icon")
def icon_tag(name: str, size: int = 20) -> SafeString:
    """An icon of the one drawn set, hidden from screen readers: what it means is said in words beside it."""
    return _icon(str(name), size)


@cache
def _icon(name: str, size: int) -> SafeString:
    drawn = lucide(name, size=size, stroke_width=1.6, aria_hidden="true", focusable="false")
    return mark_safe(drawn)  # noqa: S308 - it comes from the package's own files


@register.simple_tag
def push_key() -> str:
    """What browsers know the studio by that are to be told things; empty when it can prove itself to none."""
    try:
        return pushing.public_key()
    except sealing.Unreadable:
        return ""


register.simple_tag(announcing.standing, name="announcements")
register.filter(translated)


@register.filter
def ratio_class(ratio: str) -> str:
    """The class that gives an element this ratio."""
    return f"r-{ratio.replace(':', 'x')}"


@register.filter
def own_ratio_class(image: Image) -> str:
    """The class of the ratio nearest to the picture's own pixels."""
    own = image.width / image.height
    return ratio_class(min(RATIOS, key=lambda ratio: abs(RATIOS[ratio] - own)))


@register.filter
def wall_sizes(image: Image) -> str:
    """How wide a picture stands in a wall, for ``sizes``: as high as its row, which grows a little to fill the wall."""
    ratio = image.width / image.height * ROW_GROWS
    *windows, (_least, phone) = ROW_HEIGHTS.items()
    return ", ".join(
        [*(f"(min-width: {least}px) {ratio * row:.0f}px" for least, row in windows), f"{ratio * phone:.0f}px"]
    )


@register.simple_tag
def drawn_shape(ratio: str) -> SafeString:
    """A rectangle of this ratio, its long side 36 px."""
    wide = RATIOS[ratio]
    width, height = (LONG_SIDE, LONG_SIDE / wide) if wide >= 1 else (LONG_SIDE * wide, LONG_SIDE)
    return format_html(
        '<svg width="{0}" height="{0}" viewBox="0 0 {0} {0}" aria-hidden="true" focusable="false">'
        '<rect x="{1}" y="{2}" width="{3}" height="{4}" rx="2.5"/></svg>',
        LONG_SIDE + 2,
        round((LONG_SIDE - width) / 2 + 1, 2),
        round((LONG_SIDE - height) / 2 + 1, 2),
        round(width, 2),
        round(height, 2),
    )


@register.filter
def average_colour(placeholder: str) -> str:
    """The average colour that a ThumbHash begins with, as CSS writes it."""
    try:
        header = int.from_bytes(base64.b64decode(placeholder)[:THUMBHASH_HEADER], "little")
    except (ValueError, binascii.Error):
        return "none"
    light, red_green, blue_yellow = (
        (header & 63) / 63,
        ((header >> 6) & 63) / 31.5 - 1,
        ((header >> 12) & 63) / 31.5 - 1,
    )
    blue = light - 2 / 3 * red_green
    red = (3 * light - blue + blue_yellow) / 2
    channels = (red, red - blue_yellow, blue)
    return "#" + "".join(f"{round(255 * min(1.0, max(0.0, channel))):02x}" for channel in channels)


@register.filter
def clock(moment: dt.datetime) -> str:
    """``14:02``, in the visitor's zone."""
    return formats.date_format(timezone.localtime(moment), "H:i")


@register.filter
def day_name(day: dt.date) -> str:
    """``Today``, ``Wednesday 8 July``, or with its year when that is another."""
    today = timezone.localdate()
    if day == today:
        return _("Today")
    this_year, another = pgettext("date format", "l j F"), pgettext("date format", "l j F Y")
    return formats.date_format(day, this_year if day.year == today.year else another)


@register.filter
def moment_name(moment: dt.datetime) -> str:
    """``Today 14:02``, ``8 July 14:02`` or ``8 July 2025``."""
    return _moment(moment, _("Today"))


@register.filter
def moment_in_text(moment: dt.datetime) -> str:
    """``today 14:02``, after other words; else as `moment_name`."""
    return _moment(moment, _("today"))


@register.filter
def ago(moment: dt.datetime) -> str:
    """``just now`` for the last minute, then the time of a day that is named nearby."""
    return _("just now") if timezone.now() - moment < MOMENT_OF_REST else clock(moment)


@register.filter
def styled(field: BoundField, autocomplete: str = "") -> SafeString:
    """A form field as an input of ours, described by its error."""
    attrs: dict[str, str | bool] = {"class": "input", "placeholder": ""}
    if autocomplete:
        attrs["autocomplete"] = autocomplete
    if field.errors:
        attrs["aria-describedby"] = f"{field.auto_id}_error"
    return field.as_widget(attrs=attrs)


@register.filter
def duration(seconds: int) -> str:
    """``12 s``, and whole minutes from two on."""
    if seconds < LONG_WAIT:
        return _("%(time)s s") % {"time": seconds}
    return _("%(time)s min") % {"time": seconds // 60}


@register.filter
def picture_meta(image: Image) -> str:
    """What a picture in the wall says of itself besides its prompt."""
    generation = image.generation
    return f"{generation.model.name} · {generation.aspect_ratio} · {clock(image.created)}"


@register.filter
def variant(width: int) -> str:
    """The name of the thumbnail of this width."""
    return f"{width}.webp"


@register.filter
def signed(amount: int) -> str:
    """Credits with their sign, a real minus."""
    sign = MINUS if amount < 0 else "+" if amount else ""
    return f"{sign}{intcomma(abs(amount))}"


@register.filter
def top_of_bar(height: int, above: int = 0) -> int:
    """Where a bar of this height begins, or what stands ``above`` it."""
    return BAR_FLOOR - height - above


@register.filter
def movement_note(entry: Entry, generation: Generation) -> str:
    """What a hold, a capture or a release was for."""
    if entry.kind == Entry.Kind.HOLD:
        wanted = ngettext(
            "%(count)s image at %(price)s credits", "%(count)s images at %(price)s credits", generation.count
        )
        return wanted % {"count": generation.count, "price": generation.price}
    if entry.kind == Entry.Kind.CAPTURE:
        return _("image %(number)s is stored") % {"number": int(entry.key.rpartition(":")[2]) + 1}
    return translated(generation.error_detail) or _("not needed")


def _moment(moment: dt.datetime, today: str) -> str:
    local, this_day = timezone.localtime(moment), timezone.localdate()
    if local.date() == this_day:
        return f"{today} {formats.date_format(local, 'H:i')}"
    this_year, another = pgettext("date format", "j F H:i"), pgettext("date format", "j F Y")
    return formats.date_format(local, this_year if local.year == this_day.year else another)
