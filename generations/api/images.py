"""Pictures over REST."""

from __future__ import annotations

import uuid

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.http import UserApiRequest
from generations import bodies, gallery
from generations.api.pages import PAGE_PARAMETERS, page_query, page_response
from generations.media import Addresses
from generations.models import Image
from generations.serializers.images import GalleryImageSerializer
from generations.serializers.pages import page_of


class ImagesView(APIView):
    """One's own pictures."""

    @extend_schema(
        operation_id="images_list",
        parameters=[*PAGE_PARAMETERS, OpenApiParameter("q", str, description="Words of the prompt.")],
        responses=page_of(GalleryImageSerializer),
    )
    def get(self, request: UserApiRequest) -> Response:
        """Newest first, a page at a time; ``next`` is the address of the next page, or null."""
        query = page_query(request)
        page = gallery.page(request.user, before=str(query["before"] or ""), limit=query["limit"], search=query["q"])
        addresses = Addresses(request)
        shown = [bodies.gallery_image(image, addresses) for image in page.images]
        return page_response(request, shown, page.next, q=query["q"])


class ImageView(APIView):
    """One picture."""

    @extend_schema(responses=GalleryImageSerializer)
    def get(self, request: UserApiRequest, pk: uuid.UUID) -> Response:
        """With fresh addresses."""
        image = get_object_or_404(Image.objects.of(request.user), pk=pk)
        return Response(bodies.gallery_image(image, Addresses(request)))
