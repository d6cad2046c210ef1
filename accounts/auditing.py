"""What admins save in forms, written into the log of acts by the signals of the rows themselves.

So nothing depends on how a form saves: by itself, in a list, in a row of another's page, or many at once.
"""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.db import connection
from django.db.models import Model
from django.db.models.signals import m2m_changed, post_save, pre_delete, pre_save

from accounts import acts
from accounts.languages import pgettext_noop
from accounts.models import User

BEFORE = "_before_act"
ACTOR = "SELECT set_config('atelier.actor', %s, true)"  # for triggers, until the transaction ends


def listen(site: AdminSite) -> None:
    """From now on, to the models of which this site's pages write rows: what the product alone writes says so itself.

    To no others, because Django reads every row that it is told to delete of a model that somebody listens to.
    """
    for model, page in site._registry.items():  # noqa: SLF001 - Django's
        if getattr(page, "audited", True):
            pre_save.connect(_before_saving, sender=model)
            post_save.connect(_after_saving, sender=model)
            pre_delete.connect(_before_deleting, sender=model)
            for field in model._meta.many_to_many:  # noqa: SLF001 - Django's
                m2m_changed.connect(_of_relations, sender=field.remote_field.through)


def values(row: Model) -> dict[str, Any]:
    """A row's own fields."""
    return {field.name: field.value_from_object(row) for field in row._meta.concrete_fields}  # noqa: SLF001 - Django's


def _admin() -> User | None:
    """Who acts, if it is an admin: commands are recorded as a whole."""
    who = acts.acting()
    return who.actor if who else None


def _before_saving(sender: type[Model], instance: Model, **_given: Any) -> None:
    actor = _admin()
    if actor is None:
        return
    earlier = sender._base_manager.filter(pk=instance.pk).first()  # noqa: SLF001 - Django's
    setattr(instance, BEFORE, values(earlier) if earlier else {})
    with connection.cursor() as cursor:
        cursor.execute(ACTOR, [str(actor.pk)])


def _after_saving(sender: type[Model], instance: Model, created: bool, **given: Any) -> None:  # noqa: FBT001 - Django's
    if _admin() is None:
        return
    before = instance.__dict__.pop(BEFORE, {})
    after, written = values(instance), given.get("update_fields")
    found = acts.differences(instance, before, {name: after[name] for name in written or after})
    if found["after"]:
        verb = pgettext_noop("act", "add") if created else pgettext_noop("act", "change")
        acts.record(verb, instance, **found)


def _before_deleting(sender: type[Model], instance: Model, **_given: Any) -> None:
    if _admin():
        before = {name: acts.shown(instance, name, value) for name, value in values(instance).items()}
        acts.record(pgettext_noop("act", "delete"), instance, before=before)


def _of_relations(
    sender: type[Model],
    instance: Model,
    action: str,
    reverse: bool,  # noqa: FBT001 - Django's
    pk_set: set[Any] | None,
    **_given: Any,
) -> None:
    """``groups`` and the like: the names of all, before and after."""
    if reverse or action not in {"post_add", "post_remove", "pre_clear"} or _admin() is None:
        return
    [field] = [field for field in instance._meta.many_to_many if field.remote_field.through is sender]  # noqa: SLF001 - Django's
    now = {row.pk: str(row) for row in getattr(instance, field.name).all()}
    moved = {row.pk: str(row) for row in field.related_model._base_manager.filter(pk__in=pk_set or ())}  # noqa: SLF001
    match action:
        case "post_add":
            before = {pk: name for pk, name in now.items() if pk not in moved}
        case "post_remove":
            before = now | moved
        case _:
            before, now = now, {}
    if before != now:
        acts.record(
            pgettext_noop("act", "change"),
            instance,
            before={field.name: sorted(before.values())},
            after={field.name: sorted(now.values())},
        )
