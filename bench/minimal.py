"""The least that a durable, charged submit can be in Django and DRF: key, debit, generation and ledger row, by
hand-written SQL in one transaction, served as the studio is. The physical comparison for the studio's own submit.
"""

from __future__ import annotations

import hashlib
import os

from django.conf import settings

settings.configure(
    SECRET_KEY="bench" * 10,
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF="bench.minimal",
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": os.environ["BENCH_DATABASE_HOST"],
            "PORT": "5432",
            "NAME": "atelier",
            "USER": "atelier",
            "CONN_MAX_AGE": 300,
        }
    },
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "rest_framework"],
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "DEFAULT_PERMISSION_CLASSES": [],
        "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    },
)

from django.core.wsgi import get_wsgi_application  # noqa: E402

wsgi = get_wsgi_application()

from django.db import connection, transaction  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework import serializers  # noqa: E402
from rest_framework.request import Request  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402

from config.bridge import Bridge  # noqa: E402

SCHEMA = """
DROP SCHEMA IF EXISTS bench CASCADE; CREATE SCHEMA bench;
CREATE TABLE bench.wallet (id serial PRIMARY KEY, key text UNIQUE, posted int, held int DEFAULT 0,
    CHECK (posted >= held));
CREATE TABLE bench.generation (id bigserial PRIMARY KEY, wallet int REFERENCES bench.wallet, prompt text, ratio text,
    count int, status text DEFAULT 'queued', created timestamptz DEFAULT now());
CREATE TABLE bench.entry (id bigserial PRIMARY KEY, wallet int REFERENCES bench.wallet,
    generation bigint REFERENCES bench.generation, amount int, created timestamptz DEFAULT now());
INSERT INTO bench.wallet (key, posted) SELECT encode(sha256(convert_to('key' || n, 'UTF8')), 'hex'), 1000000000
    FROM generate_series(0, 127) n;
"""


class OrderSerializer(serializers.Serializer[object]):
    prompt = serializers.CharField(max_length=4000)
    aspect_ratio = serializers.ChoiceField(["1:1", "16:9"])
    count = serializers.IntegerField(min_value=1, max_value=4)


class Submit(APIView):
    def post(self, request: Request) -> Response:
        order = OrderSerializer(data=request.data)
        order.is_valid(raise_exception=True)
        values = order.validated_data
        digest = hashlib.sha256(request.headers["Authorization"].removeprefix("Bearer ").encode()).hexdigest()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT id FROM bench.wallet WHERE key = %s", [digest])
            [wallet] = cursor.fetchone()
            cursor.execute(
                "INSERT INTO bench.generation (wallet, prompt, ratio, count) VALUES (%s, %s, %s, %s) RETURNING id",
                [wallet, values["prompt"], values["aspect_ratio"], values["count"]],
            )
            [generation] = cursor.fetchone()
            cursor.execute(
                "INSERT INTO bench.entry (wallet, generation, amount) VALUES (%s, %s, %s)", [wallet, generation, 7]
            )
            cursor.execute("UPDATE bench.wallet SET held = held + 7 WHERE id = %s", [wallet])
        return Response({"id": generation, "status": "queued"}, status=202)


class Ready(APIView):
    def get(self, request: Request) -> Response:
        return Response({})


urlpatterns = [path("submit", Submit.as_view()), path("ready", Ready.as_view())]
application = Bridge(wsgi, 8)

if __name__ == "__main__":
    with connection.cursor() as schema:
        schema.execute(SCHEMA)
