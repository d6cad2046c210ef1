"""Makes the bucket that pictures go to, where the S3 server has none yet. docker-compose.yml runs it once."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError
from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand
from storages.backends.s3 import S3Storage

MISSING = {"404", "NoSuchBucket", "NotFound"}


class Command(BaseCommand):
    help = "Makes the S3 bucket named by S3_BUCKET unless it exists. Without S3_BUCKET it does nothing."

    def handle(self, **_: object) -> None:
        if not isinstance(default_storage, S3Storage):
            self.stdout.write("Pictures are kept in files: no bucket is needed.")
            return
        client, name = default_storage.connection.meta.client, default_storage.bucket_name
        try:
            client.head_bucket(Bucket=name)
        except ClientError as error:
            if error.response["Error"]["Code"] not in MISSING:
                raise
            client.create_bucket(Bucket=name, **_place(default_storage.region_name))
            self.stdout.write(f"Made the bucket {name}.")


def _place(region: str | None) -> dict[str, Any]:
    """Amazon wants to be told the region again, except for its first one."""
    if region in {None, "us-east-1"}:
        return {}
    return {"CreateBucketConfiguration": {"LocationConstraint": region}}
