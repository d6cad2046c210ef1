"""The base of every dialect's views: any key, any body that is JSON, errors as the vendor writes them, and waiting."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, cast

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from rest_framework.authentication import BaseAuthentication
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts import permissions
from accounts.authentication import KeyAuthentication
from accounts.http import UserApiRequest, idempotency_key
from accounts.limits import count_submit
from accounts.parsing import JSONParser
from generations import submission
from generations.dialects import troubles
from generations.dialects.pending import Pending, awaited
from generations.dialects.troubles import Kind, Refused, Trouble
from generations.models import Generation
from generations.webhooks import Webhook


class AnyTypeParser(JSONParser):
    """JSON whatever the request calls it: ``curl -d`` calls it a form."""

    media_type = "*/*"


class NoNegotiation(BaseContentNegotiation):
    """Answers are what they are, whatever the client says that it accepts."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        """The one there is."""
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        """The one there is."""
        return renderers[0], renderers[0].media_type


class HasScope(BasePermission):
    """Lets in whoever has the scope of one of the view's ``resources`` that the method asks for."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """True, or ``MissingScope``."""
        permissions.require(cast("UserApiRequest", request), *view.resources)
        return True


class DialectView(APIView):
    """One address of a vendor's. A dialect gives it ``say``.

    A key needs the scope of one of its ``resources``, to read it or to change it as the method does.
    """

    resources: ClassVar[Sequence[str]] = ("generations",)
    authentication_classes: Sequence[type[BaseAuthentication]] = (KeyAuthentication,)
    permission_classes: Sequence[type[BasePermission]] = (IsAuthenticated, HasScope)
    parser_classes = (AnyTypeParser,)
    content_negotiation_class = NoNegotiation
    schema = None

    def say(self, trouble: Trouble) -> HttpResponse:
        """A trouble in the dialect's own shape and status."""
        raise NotImplementedError

    def handle_exception(self, error: Exception) -> HttpResponse:  # type: ignore[override]  # DRF takes any response
        """The client's or the studio's trouble in the dialect; anything else is raised and becomes a 500."""
        known = troubles.trouble(error)
        if known is None:
            raise error
        return self.say(known)


def body_of(request: Request) -> dict[str, Any]:
    """The body's object, empty where there is no body; raises ``Refused`` for any other value."""
    if not isinstance(request.data, Mapping):
        raise Refused(Trouble(Kind.INVALID, "The body has to be a JSON object."))
    return dict(request.data)


def submit(
    request: UserApiRequest,
    order: submission.Order,
    source: Generation.Source,
    spoken: Mapping[str, Any] | None = None,
    *,
    otherwise: str = "",
    webhook: Webhook | None = None,
) -> submission.Submitted:
    """Submit for the caller. ``spoken`` is what the dialect needs to know again when it answers.

    ``otherwise`` is by what a repeat is known where the request has no ``Idempotency-Key``.
    """
    key = idempotency_key(request) or otherwise
    count_submit(request.user, request.auth)
    return submission.submit(request.user, order, submission.Entrance(source, request.auth, key, spoken, webhook))


def waits(view: Callable[..., HttpResponseBase]) -> Callable[..., Any]:
    """A dialect's view that may return ``Pending``, as one that holds no thread while it waits.

    A client that leaves meanwhile ends the waiting and nothing else.
    """
    run: Callable[..., Any] = sync_to_async(view)

    @csrf_exempt
    async def waiting(request: HttpRequest, **named: Any) -> HttpResponseBase:
        response: HttpResponseBase = await run(request, **named)
        if not isinstance(response, Pending):
            return response
        return await awaited(response)

    return waiting
