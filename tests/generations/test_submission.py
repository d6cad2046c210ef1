"""The one way in, under a crowd."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import redis as redis_library
from django.db import IntegrityError, connection
from django.db.models.functions import Now
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts import redis
from accounts.ledger import NotEnoughCredits
from accounts.models import ApiKey, Entry, Hold, User, Wallet
from generations import submission, verification
from generations.models import Event, Generation, Model, Prompt, Route
from generations.submission import Entrance, IdempotencyConflict, InvalidOrder, ModelRetired, Order
from generations.types import MAX_SEED
from tests.factories import make_catalogue, make_generation, make_order, make_user

WEB = Generation.Source.WEB
CROWD = 64


def crowd(act: Callable[[int], object]) -> Counter[object]:
    """Do it 64 times at once; the outcomes, counted."""

    def one(number: int) -> object:
        try:
            return act(number)
        except (NotEnoughCredits, IdempotencyConflict) as error:
            return type(error).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(CROWD) as pool:
        return Counter(pool.map(one, range(CROWD)))


def sound() -> bool:
    return not any(finding.breaches for finding in verification.verify())


@pytest.mark.django_db(transaction=True)
def test_sixty_four_submits_on_a_wallet_that_affords_ten_make_exactly_ten() -> None:
    make_catalogue()
    user = make_user(balance=70)
    order = make_order(model="imagen-4")

    def act(_number: int) -> str:
        submission.submit(User.objects.select_related("wallet").get(pk=user.pk), order, Entrance(WEB))
        return "made"

    assert crowd(act) == {"made": 10, "NotEnoughCredits": 54}
    assert Generation.objects.count() == Hold.objects.count() == Event.objects.count() == 10
    wallet = Wallet.objects.get(user=user)
    assert (wallet.posted, wallet.held) == (70, 70)
    assert sound()


@pytest.mark.django_db(transaction=True)
def test_sixty_four_submits_with_one_key_make_one_generation() -> None:
    make_catalogue()
    user = make_user(balance=100)

    def act(_number: int) -> object:
        again = User.objects.select_related("wallet").get(pk=user.pk)
        return submission.submit(again, make_order(), Entrance(WEB, idempotency_key="once")).generation.pk

    assert list(crowd(act).values()) == [CROWD]
    assert Entry.objects.filter(kind="hold").count() == 1
    assert sound()


@pytest.mark.django_db
def test_a_worker_is_told_only_after_the_commit(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    make_catalogue()
    with django_capture_on_commit_callbacks() as callbacks:
        make_generation(make_user(balance=1))
    assert len(callbacks) == 3, "the event is published, a worker is told and the submit is counted"


@pytest.mark.django_db(transaction=True)
def test_a_submit_succeeds_without_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    make_catalogue()
    nobody = redis_library.Redis(unix_socket_path="/nowhere/redis.sock", socket_timeout=1)
    monkeypatch.setattr(redis, "client", lambda: nobody)
    monkeypatch.setattr(redis, "_quiet_until", 0.0)
    generation = make_generation(make_user(balance=1))
    assert Generation.objects.get(pk=generation.pk).status == "queued"


@pytest.mark.django_db(transaction=True)
def test_submits_while_a_price_changes_are_charged_what_they_say() -> None:
    make_catalogue()
    user = make_user(balance=10_000)

    def act(number: int) -> int:
        if number % 8 == 0:
            return Model.objects.filter(slug="sketch").update(price_1k=number + 1)
        again = User.objects.select_related("wallet").get(pk=user.pk)
        return submission.submit(again, make_order(), Entrance(WEB)).generation.price

    crowd(act)
    amounts = dict(Hold.objects.values_list("generation", "amount"))
    assert dict(Generation.objects.values_list("pk", "price")) == amounts
    assert len(amounts) == CROWD - CROWD // 8
    assert sound()


@pytest.mark.django_db
def test_the_price_is_fixed_when_it_is_submitted() -> None:
    sketch = make_catalogue()
    generation = make_generation(make_user(balance=10), count=2)
    Model.objects.filter(pk=sketch.pk).update(price_1k=5)
    generation.refresh_from_db()
    assert (generation.price, Hold.objects.get(generation=generation.pk).amount) == (1, 2)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["imagen-4", "google/imagen-4.0-generate-001"])
def test_a_price_that_was_changed_a_moment_ago_is_the_price(name: str) -> None:
    make_catalogue()
    user = make_user(balance=100)
    make_generation(user, model=name)
    Model.objects.filter(slug="imagen-4").update(price_1k=9)
    generation = make_generation(user, model=name)
    assert (generation.price, Hold.objects.get(generation=generation.pk).amount) == (9, 9)


@pytest.mark.django_db
def test_what_a_model_cannot_do_any_more_is_refused_at_once_and_what_it_can_do_now_is_taken() -> None:
    make_catalogue()
    user = make_user(balance=100)
    make_generation(user, count=2)
    Model.objects.filter(slug="sketch").update(max_images=1)
    with pytest.raises(InvalidOrder) as refusal:
        make_generation(user, count=2)
    assert refusal.value.errors == {"count": "From 1 to 1 images."}
    Model.objects.filter(slug="sketch").update(max_images=2)
    assert make_generation(user, count=2).count == 2


@pytest.mark.django_db
@pytest.mark.parametrize("seed", [-1, MAX_SEED + 1])
def test_a_seed_that_is_none_is_refused_whoever_lets_it_pass(seed: int) -> None:
    make_catalogue()
    user = make_user(balance=100)
    with pytest.raises(InvalidOrder) as refusal:
        make_generation(user, seed=seed)
    assert set(refusal.value.errors) == {"seed"}
    assert not Hold.objects.exists()
    assert make_generation(user, seed=MAX_SEED).seed == MAX_SEED


@pytest.mark.django_db
def test_a_name_means_the_model_that_has_it_now() -> None:
    make_catalogue()
    user = make_user(balance=100)
    Model.objects.filter(slug="sketch").update(aliases=["painter"])
    assert make_generation(user, model="painter").model.slug == "sketch"
    Model.objects.filter(slug="sketch").update(aliases=[])
    Model.objects.filter(slug="imagen-4").update(aliases=["painter"])
    assert make_generation(user, model="painter").model.slug == "imagen-4"
    Model.objects.filter(slug="imagen-4").update(aliases=[])
    with pytest.raises(InvalidOrder):
        make_generation(user, model="painter")


@pytest.mark.django_db
def test_a_submitted_generation_is_what_the_database_has() -> None:
    make_catalogue()
    submitted = make_generation(make_user(balance=10), seed=5, negative_prompt="fog")
    stored = Generation.objects.get(pk=submitted.pk)
    names = [field.attname for field in Generation._meta.concrete_fields]
    assert {name: getattr(submitted, name) for name in names} == {name: getattr(stored, name) for name in names}
    assert (stored.prompt.text, stored.prompt.negative) == (submitted.prompt.text, "fog")
    submitted.error_detail = "changed"
    submitted.save(update_fields=["error_detail"])


@pytest.fixture
def heir() -> Model:
    """The successor of a model that has retired, imagen-4-ultra."""
    make_catalogue()
    heir = Model.objects.get(slug="imagen-4")
    Model.objects.filter(slug="imagen-4-ultra").update(status="retired", successor=heir)
    return heir


def make_retired(user: User, **fields: Any) -> Generation:
    return make_generation(user, **{"model": "imagen-4-ultra", **fields})


@pytest.mark.django_db
@pytest.mark.parametrize(("account", "request_says"), [(False, None), (False, False), (True, False)])
def test_a_retired_model_names_its_successor_to_who_does_not_consent(
    heir: Model, *, account: bool, request_says: bool | None
) -> None:
    user = make_user(balance=100, accepts_successors=account)
    with pytest.raises(ModelRetired) as refusal:
        make_retired(user, allow_successor=request_says, prompt=" ")
    assert refusal.value.successor == heir
    assert refusal.value.errors == {
        "model": "Imagen 4 Ultra is retired; use Imagen 4.",
        "prompt": "Describe the picture first.",
    }
    assert not Generation.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(("account", "request_says"), [(True, None), (True, True), (False, True)])
def test_the_successor_of_a_retired_model_is_taken_with_consent(
    heir: Model, *, account: bool, request_says: bool | None
) -> None:
    user = make_user(balance=100, accepts_successors=account)
    alias = "google/imagen-4.0-ultra-generate-001"
    generation = make_retired(user, model=alias, allow_successor=request_says)
    assert (generation.model, generation.asked_model, generation.allow_successor) == (heir, alias, True)
    assert (generation.price, Hold.objects.get().amount) == (heir.price_1k, heir.price_1k)


@pytest.mark.django_db
def test_a_successor_is_asked_only_for_what_it_can_do(heir: Model) -> None:
    Model.objects.filter(pk=heir.pk).update(max_images=2, formats=["png"])
    with pytest.raises(InvalidOrder) as refusal:
        make_retired(make_user(balance=100), allow_successor=True, count=3, output_format="webp")
    assert refusal.value.errors == {"output_format": "Imagen 4 makes png.", "count": "From 1 to 2 images."}


@pytest.mark.django_db
def test_a_successor_without_the_shape_is_named_and_not_taken(heir: Model) -> None:
    Model.objects.filter(pk=heir.pk).update(ratios=["1:1"])
    with pytest.raises(ModelRetired) as refusal:
        make_retired(make_user(balance=100), allow_successor=True, aspect_ratio="16:9")
    assert refusal.value.successor == heir


@pytest.mark.django_db
def test_a_retired_model_without_a_successor_is_refused_whoever_consents() -> None:
    make_catalogue()
    Model.objects.filter(slug="imagen-4-ultra").update(status="retired", successor=None)
    with pytest.raises(ModelRetired) as refusal:
        make_retired(make_user(balance=100), allow_successor=True)
    assert refusal.value.successor is None
    assert refusal.value.errors == {"model": "Imagen 4 Ultra is retired; use another model."}


@pytest.mark.django_db
def test_a_successor_that_has_retired_too_has_a_successor(heir: Model) -> None:
    last = Model.objects.get(slug="sketch")
    Model.objects.filter(pk=heir.pk).update(status="retired", successor=last)
    assert make_retired(make_user(balance=100), allow_successor=True).model == last


@pytest.mark.django_db
def test_a_model_that_was_served_a_moment_ago_is_gone_with_its_last_route(heir: Model) -> None:
    Model.objects.filter(slug="imagen-4-ultra").update(status="deprecated")
    user = make_user(balance=100)
    assert make_retired(user, allow_successor=True).asked_model == ""
    routes = Route.objects.filter(model__slug="imagen-4-ultra")
    routes.update(gone_since=Now())
    assert make_retired(user, allow_successor=True).model == heir
    with pytest.raises(ModelRetired) as refusal:
        make_retired(user)
    assert refusal.value.errors == {"model": "Imagen 4 Ultra is not served any more; use Imagen 4."}
    routes.update(gone_since=None)
    assert make_retired(user, allow_successor=True).model.slug == "imagen-4-ultra"


@pytest.mark.django_db
def test_a_deprecated_model_is_not_replaced(heir: Model) -> None:
    Model.objects.filter(slug="imagen-4-ultra").update(status="deprecated")
    generation = make_retired(make_user(balance=100), allow_successor=True)
    assert (generation.model.slug, generation.asked_model) == ("imagen-4-ultra", "")


@pytest.mark.django_db
def test_a_model_is_retired_between_two_submits(heir: Model) -> None:
    user = make_user(balance=100, accepts_successors=True)
    make_generation(user, model="sketch")
    Model.objects.filter(slug="sketch").update(status="retired", successor=heir)
    assert make_generation(user, model="sketch").model == heir


@pytest.mark.django_db
def test_what_a_successor_made_is_made_again_by_the_successor(heir: Model) -> None:
    generation = make_retired(make_user(balance=100), allow_successor=True)
    again = submission.retry(generation, source=WEB).generation
    assert (again.model, again.asked_model) == (heir, "")


@pytest.mark.django_db
def test_consent_to_one_order_is_none_to_the_next(heir: Model) -> None:
    Model.objects.filter(slug="imagen-4-ultra").update(status="deprecated")
    user = make_user(balance=100)
    generation = make_retired(user, allow_successor=True)
    Model.objects.filter(slug="imagen-4-ultra").update(status="retired")
    with pytest.raises(ModelRetired):
        submission.retry(generation, source=WEB)
    User.objects.filter(pk=user.pk).update(accepts_successors=True)
    generation = Generation.objects.get(pk=generation.pk)
    assert submission.retry(generation, source=WEB).generation.model == heir


@pytest.mark.django_db
def test_a_prompt_that_is_used_again_is_remembered_once() -> None:
    make_catalogue()
    user = make_user(balance=10)
    first, second = make_generation(user), make_generation(user)
    assert first.prompt == second.prompt
    assert Prompt.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("idempotency_key", ["", "order-1"])
def test_an_order_with_a_key_that_was_just_deleted_leaves_nothing(idempotency_key: str) -> None:
    make_catalogue()
    user = make_user(balance=100)
    key = ApiKey.objects.create(user=user, name="short-lived", prefix="sk-gone", digest="0" * 64)
    ApiKey.objects.filter(pk=key.pk).delete()
    entrance = Entrance(Generation.Source.API, api_key=key, idempotency_key=idempotency_key)
    with pytest.raises(IntegrityError):
        submission.submit(user, make_order(model="imagen-4"), entrance)
    wallet = Wallet.objects.get(user=user)
    assert (wallet.posted, wallet.held) == (100, 0)
    assert Generation.objects.count() == Hold.objects.count() == Event.objects.count() == 0


@pytest.mark.django_db
def test_varying_keeps_everything_but_the_seed() -> None:
    make_catalogue()
    generation = make_generation(make_user(balance=10), seed=5, count=2, aspect_ratio="16:9")
    varied = submission.vary(generation, source=WEB).generation
    assert varied.seed not in {None, 5}
    assert (varied.prompt, varied.count, varied.aspect_ratio) == (generation.prompt, 2, "16:9")


def test_equal_orders_have_equal_fingerprints() -> None:
    assert Order("sketch", "a", count=2).fingerprint == Order("sketch", "a", count=2).fingerprint
    assert Order("sketch", "a").fingerprint != Order("sketch", "b").fingerprint
