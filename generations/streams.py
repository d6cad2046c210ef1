"""The stream that pages follow: the signed-in person's events."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_GET

from accounts.models import User
from accounts.standing import Caller
from generations import streaming


@require_GET
async def event_stream(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """Until the session ends; ``Last-Event-ID`` resumes after the last event that was seen."""
    user = await request.auser()
    if not isinstance(user, User):
        return HttpResponse(status=401)
    caller = Caller(user.pk, session=request.session.session_key or "")
    return streaming.response(streaming.Listener(caller, after=streaming.last_event_id(request)))
