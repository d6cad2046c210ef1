"""That an admin who speaks German is spoken to in German: every name that a page of a model shows has a translation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets, label_for_field
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import override

from accounts.models import Act, User
from tests import words
from tests.administration import admin as admin_with

OURS = ("accounts", "generations")
# What is the same word in both languages.
SAME = {"Name", "Status", "Version", "Position", "Seed", "Album", "Format", "Route", "Code", "Prompt", "Prompts"} | {
    *("Id", "Test", "Text", "SHA-256", "Credits", "MFA", "Browser"),
}


def names(page: Any) -> Iterator[Any]:
    """All that the list, the form and the rows of a model say of themselves."""
    request: Any = RequestFactory().get("/")
    request.user = User(is_active=True, is_staff=True, is_superuser=True)
    yield page.opts.app_config.verbose_name
    for each in (page, *page.get_inline_instances(request)):
        yield from (each.opts.verbose_name, each.opts.verbose_name_plural)
        for title, options in each.get_fieldsets(request, page.model()):
            yield title
            yield from (said for field in flatten_fieldsets([(None, options)]) for said in of_field(field, each))
    yield from (label_for_field(column, page.model, page) for column in page.get_list_display(request))
    yield from (of_filter(each, page) for each in page.get_list_filter(request))
    yield from (said for _act, _name, said in page.get_actions(request).values())


def of_field(name: str, page: Any) -> Iterator[Any]:
    yield label_for_field(name, page.model, page)
    try:
        yield page.opts.get_field(name).help_text
    except FieldDoesNotExist:  # the page makes it itself
        return


def of_filter(given: Any, page: Any) -> Any:
    field = given[0] if isinstance(given, tuple) else given
    return label_for_field(field, page.model, page) if isinstance(field, str) else field.title


def said(page: Any, language: str) -> list[str]:
    with override(language):
        return [str(name)[:1].upper() + str(name)[1:] for name in names(page) if name]


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model._meta.label_lower)
def test_every_name_is_another_one_in_german(model: type[Model]) -> None:
    page = admin.site._registry[model]
    pairs = list(zip(said(page, "en"), said(page, "de"), strict=True))
    assert len(pairs) > 5
    assert {english for english, german in pairs if english == german} - SAME == set()


def rights(client: Client, language: str) -> set[str]:
    """As the form of a group offers them."""
    page = client.get(reverse("admin:auth_group_add"), headers={"Accept-Language": language}).content.decode()
    return set(re.findall(r"<option .* \| (.*)</option>", page))


@pytest.mark.django_db
def test_rights_are_named_in_the_language_of_who_gives_them() -> None:
    _, client = admin_with()
    assert {"Can view", "Can give credits and take them away"} <= rights(client, "en")
    assert {"Darf ansehen", "Darf Credits geben und wegnehmen"} <= rights(client, "de")
    assert {name for name in rights(client, "de") if not name.startswith("Darf ")} == set()


@pytest.mark.django_db
def test_every_act_has_another_name_in_german_and_commands_keep_theirs() -> None:
    """What is kept of an act says the same to programs, whoever reads it."""
    template = words.template()
    verbs = [str(said.id) for said in template if said.context == "act"]
    assert {"refund", "export", "add", "end visit"} <= set(verbs)
    with override("de"):
        assert [verb for verb in verbs if Act(verb=verb).done == verb] == []
        assert Act(verb="createapikey").done == "createapikey"
    _, client = admin_with()
    Act.objects.create(by=Act.By.COMMAND, verb="re-fetch")
    listed = client.get(reverse("admin:accounts_act_changelist"), headers={"Accept-Language": "de"})
    assert "nachholen" in listed.content.decode()
    file = client.get(reverse("admin:accounts_act_export"), headers={"Accept-Language": "de"})
    assert "re-fetch" in b"".join(file.streaming_content).decode()  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_what_django_has_no_german_for_is_german_as_well() -> None:
    boss, client = admin_with()
    german = {"Accept-Language": "de"}
    person = client.get(reverse("admin:accounts_user_change", args=[boss.pk]), headers=german).content.decode()
    assert "Passwort zurücksetzen" in person
    assert "Raw passwords" not in person
    scripts = client.get(reverse("admin:jsi18n"), headers=german).content.decode()
    assert '"Choose all %s": "Alle hinzuf' in scripts


@pytest.mark.parametrize("app", OURS)
def test_every_model_has_a_name_that_is_translated(app: str) -> None:
    """Those too that have no page: rights and what goes with a row are told by them."""
    found = [model._meta for model in apps.get_app_config(app).get_models()]
    assert [one for one in found if not isinstance(one.verbose_name, Promise)] == []
    assert [one for one in found if not isinstance(one.verbose_name_plural, Promise)] == []
