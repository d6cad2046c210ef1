"""Pictures over REST."""

from __future__ import annotations

import uuid

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.http import UserApiRequest
from accounts.pages import page_of, page_query, page_response
from accounts.rest import ApiView
from generations import bodies, gallery
from generations.media import Addresses
from generations.models import Image
from generations.serializers.images import GalleryImageSerializer
from generations.serializers.pages import ImagesQuerySerializer


class ImagesView(ApiView):
    """One's own pictures."""

    resource = "images"

    @extend_schema(
        parameters=[ImagesQuerySerializer],
        responses=page_of(GalleryImageSerializer),
    )
    def get(self, request: UserApiRequest) -> Response:
        """Newest first, a page at a time; ``next`` is the address of the next page, or null."""
        query = page_query(request, ImagesQuerySerializer)
        page = gallery.page(request.user, before=str(query["before"] or ""), limit=query["limit"], search=query["q"])
        addresses = Addresses(request)
        shown = [bodies.gallery_image(image, addresses) for image in page.images]
        return page_response(request, shown, before=page.next)


class ImageView(ApiView):
    """One picture."""

    resource = "images"

    @extend_schema(responses=GalleryImageSerializer)
    def get(self, request: UserApiRequest, pk: uuid.UUID) -> Response:
        """With fresh addresses."""
        image = get_object_or_404(Image.objects.of(request.user), pk=pk)
        return Response(bodies.gallery_image(image, Addresses(request)))
