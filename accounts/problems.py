"""Every error that our own API can answer: its code, which programs go by, its status, and a sentence for people."""

from __future__ import annotations

from http import HTTPStatus
from typing import NamedTuple

from django.utils.translation import gettext_noop as _  # of what pages say as well


class Kind(NamedTuple):
    """One kind of error. The sentence is what is said where the code that raises it knows nothing better."""

    status: HTTPStatus
    sentence: str


PROBLEMS = {
    "invalid": Kind(HTTPStatus.BAD_REQUEST, "Some of what was sent cannot be used."),
    "bad_request": Kind(HTTPStatus.BAD_REQUEST, "This request is for another host, or cannot be read at all."),
    "parse_error": Kind(HTTPStatus.BAD_REQUEST, "The body is no JSON."),
    "invalid_idempotency_key": Kind(HTTPStatus.BAD_REQUEST, "This Idempotency-Key cannot be used."),
    "not_authenticated": Kind(HTTPStatus.UNAUTHORIZED, "Send an API key, or sign in."),
    "invalid_key": Kind(HTTPStatus.UNAUTHORIZED, "This API key is unknown, expired or revoked."),
    "account_blocked": Kind(HTTPStatus.UNAUTHORIZED, "This account is blocked."),
    "account_leaving": Kind(
        HTTPStatus.UNAUTHORIZED, "The owner of this account has left; whoever signs in on the page can keep it."
    ),
    "invalid_session": Kind(HTTPStatus.UNAUTHORIZED, "This session has ended; sign in again."),
    "not_enough_credits": Kind(HTTPStatus.PAYMENT_REQUIRED, "There are not enough credits for this."),
    "budget_exceeded": Kind(HTTPStatus.PAYMENT_REQUIRED, "This is more than is left of the key's budget."),
    "beyond_own_scopes": Kind(HTTPStatus.FORBIDDEN, "A key makes and changes no key that may do more than itself."),
    "missing_scope": Kind(HTTPStatus.FORBIDDEN, "This key may not do that."),
    "permission_denied": Kind(HTTPStatus.FORBIDDEN, "This request is not allowed."),
    "reauthentication_required": Kind(
        HTTPStatus.FORBIDDEN, "Only somebody who is signed in and has just proven it again may do that."
    ),
    "https_required": Kind(HTTPStatus.FORBIDDEN, "This studio takes requests over https only."),
    "not_found": Kind(HTTPStatus.NOT_FOUND, "There is nothing here."),
    "method_not_allowed": Kind(HTTPStatus.METHOD_NOT_ALLOWED, "This address does not take that method."),
    "not_acceptable": Kind(HTTPStatus.NOT_ACCEPTABLE, "What is answered here is JSON."),
    "finished": Kind(HTTPStatus.CONFLICT, "This generation has ended already."),
    "too_many_webhooks": Kind(HTTPStatus.CONFLICT, "There are as many endpoints as anybody may have."),
    "too_many_keys": Kind(HTTPStatus.CONFLICT, "There are as many usable keys as anybody may have; revoke one."),
    "too_many_presets": Kind(HTTPStatus.CONFLICT, "There are as many presets as anybody may have."),
    "too_many_albums": Kind(HTTPStatus.CONFLICT, "There are as many albums as anybody may have."),
    "too_many_shares": Kind(HTTPStatus.CONFLICT, "There are as many shares as anybody may have; end one."),
    "too_many_searches": Kind(HTTPStatus.CONFLICT, "There are as many saved searches as anybody may have."),
    "name_taken": Kind(HTTPStatus.CONFLICT, "There is another of this name."),
    "export_running": Kind(HTTPStatus.CONFLICT, "Another export is not made yet; wait for it or delete it."),
    "export_too_large": Kind(HTTPStatus.CONFLICT, "These are more pictures than one archive may have; name fewer."),
    "webhook_disabled": Kind(HTTPStatus.CONFLICT, "Nothing is sent to this endpoint; enable it first."),
    "delivery_pending": Kind(HTTPStatus.CONFLICT, "This message is on its way already."),
    "secret_unreadable": Kind(HTTPStatus.CONFLICT, "The studio's own key has changed since; draw a new secret."),
    "code_unknown": Kind(HTTPStatus.NOT_FOUND, _("There is no such code.")),
    "code_redeemed": Kind(HTTPStatus.CONFLICT, _("You have redeemed this code already.")),
    "code_used_up": Kind(HTTPStatus.CONFLICT, _("This code has been redeemed as often as it may be.")),
    "code_limit": Kind(HTTPStatus.CONFLICT, _("You have redeemed as many codes of this kind as one person may.")),
    "code_expired": Kind(HTTPStatus.GONE, _("This code has expired.")),
    "admin_stays": Kind(HTTPStatus.CONFLICT, "An admin's account stays until another admin takes that right away."),
    "key_revoked": Kind(HTTPStatus.CONFLICT, "This key is revoked, for good."),
    "taken_down": Kind(HTTPStatus.CONFLICT, "An admin has taken this picture down; nobody else can be shown it."),
    "in_trash": Kind(HTTPStatus.CONFLICT, "This picture is in the trash: restore it first."),
    "not_in_trash": Kind(HTTPStatus.CONFLICT, "Only what is in the trash can be deleted: put it there first."),
    "reported_before": Kind(HTTPStatus.CONFLICT, "You have reported this picture already."),
    "changed_meanwhile": Kind(HTTPStatus.PRECONDITION_FAILED, "Somebody has changed this since it was read."),
    "too_large": Kind(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is larger than anything asked for here."),
    "unsupported_media_type": Kind(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send the body as application/json."),
    "idempotency_conflict": Kind(
        HTTPStatus.UNPROCESSABLE_ENTITY, "This Idempotency-Key was sent before with another order."
    ),
    "orders_stopped": Kind(
        HTTPStatus.SERVICE_UNAVAILABLE, "No new orders are taken for now. What was ordered goes on."
    ),
    "prompt_blocked": Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "This studio does not make that."),
    "storage_full": Kind(HTTPStatus.CONFLICT, "There is no room for more pictures; delete some in the trash."),
    "model_retired": Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "This model is retired."),
    "quote_invalid": Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "This is no quote of this account."),
    "quote_expired": Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "The quote has expired; ask for another."),
    "quote_for_another_order": Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "The quote was given for another order."),
    "too_many_streams": Kind(HTTPStatus.TOO_MANY_REQUESTS, "As many streams are open as anybody may have."),
    "rate_limited": Kind(HTTPStatus.TOO_MANY_REQUESTS, "Too many requests."),
    "internal": Kind(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong here, and only we can mend it."),
    "unavailable": Kind(HTTPStatus.SERVICE_UNAVAILABLE, "A part of the studio does not answer; try again soon."),
}
