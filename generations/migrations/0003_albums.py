import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models


FILL = """
UPDATE generations_image i SET model_id = g.model_id, aspect_ratio = g.aspect_ratio, provider = a.provider
FROM generations_generation g, generations_attempt a WHERE g.id = i.generation_id AND a.id = i.attempt_id;
INSERT INTO generations_storedfile (sha256, media_type) SELECT DISTINCT sha256, media_type FROM generations_image;
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("generations", "0002_webhook_endpoints"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Album",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("version", models.PositiveIntegerField(db_default=1, default=1)),
                ("created", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
        ),
        migrations.CreateModel(
            name="AlbumImage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="StoredFile",
            fields=[
                ("sha256", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("media_type", models.CharField(max_length=20)),
                ("claimed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("erasing_since", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.RemoveIndex(
            model_name="image",
            name="image_gallery",
        ),
        migrations.AddField(
            model_name="image",
            name="aspect_ratio",
            field=models.CharField(default="", max_length=5),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="image",
            name="deleted_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="image",
            name="erased",
            field=models.BooleanField(
                db_default=False, default=False, help_text="whether the bytes of a deleted one are gone"
            ),
        ),
        migrations.AddField(
            model_name="image",
            name="model",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                help_text="what took the order",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="generations.model",
            ),
        ),
        migrations.AddField(
            model_name="image",
            name="provider",
            field=models.CharField(default="", max_length=20),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="image",
            name="published_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="image",
            name="starred",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="image",
            name="trashed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="image",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=1),
        ),
        migrations.AlterField(
            model_name="image",
            name="placeholder",
            field=models.CharField(blank=True, help_text="ThumbHash, base64", max_length=64),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="image",
            name="model",
            field=models.ForeignKey(
                db_index=False,
                help_text="what took the order",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="generations.model",
            ),
        ),
        migrations.AddIndex(
            model_name="image",
            index=models.Index(
                condition=models.Q(("trashed_at", None)),
                fields=["user", "-id", "model", "provider", "aspect_ratio", "seed"],
                name="image_gallery",
            ),
        ),
        migrations.AddIndex(
            model_name="image",
            index=models.Index(
                condition=models.Q(("starred", True), ("trashed_at", None)),
                fields=["user", "-id"],
                name="image_starred",
            ),
        ),
        migrations.AddIndex(
            model_name="image",
            index=models.Index(
                condition=models.Q(("published_at__isnull", False), ("trashed_at", None)),
                fields=["user", "-id"],
                name="image_shown",
            ),
        ),
        migrations.AddIndex(
            model_name="image",
            index=models.Index(
                condition=models.Q(("deleted_at", None), ("trashed_at__isnull", False)),
                fields=["user", "-id"],
                name="image_trash",
            ),
        ),
        migrations.AddIndex(
            model_name="image",
            index=models.Index(
                condition=models.Q(("published_at__isnull", False), ("trashed_at", None)),
                fields=["-published_at", "-id"],
                name="image_published",
            ),
        ),
        migrations.AddIndex(
            model_name="image",
            index=models.Index(
                condition=models.Q(("deleted_at", None), ("trashed_at__isnull", False)),
                fields=["trashed_at"],
                name="image_expiry",
            ),
        ),
        migrations.AddIndex(
            model_name="image",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False), ("erased", False)),
                fields=["deleted_at"],
                name="image_to_erase",
            ),
        ),
        migrations.AddIndex(
            model_name="image",
            index=models.Index(fields=["sha256"], name="image_bytes"),
        ),
        migrations.AddConstraint(
            model_name="image",
            constraint=models.CheckConstraint(
                condition=models.Q(("deleted_at", None), ("trashed_at__isnull", False), _connector="OR"),
                name="image_deleted_from_trash",
            ),
        ),
        migrations.AddConstraint(
            model_name="image",
            constraint=models.CheckConstraint(
                condition=models.Q(("erased", False), ("deleted_at__isnull", False), _connector="OR"),
                name="image_erased_when_deleted",
            ),
        ),
        migrations.AddField(
            model_name="album",
            name="cover",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="generations.image",
            ),
        ),
        migrations.AddField(
            model_name="album",
            name="user",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="albums",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="albumimage",
            name="album",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="places",
                to="generations.album",
            ),
        ),
        migrations.AddField(
            model_name="albumimage",
            name="image",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="places", to="generations.image"
            ),
        ),
        migrations.AddIndex(
            model_name="album",
            index=models.Index(fields=["user", "-id"], name="album_list"),
        ),
        migrations.AddIndex(
            model_name="albumimage",
            index=models.Index(fields=["album", "position", "image"], name="album_order"),
        ),
        migrations.AddConstraint(
            model_name="albumimage",
            constraint=models.UniqueConstraint(fields=("album", "image"), name="album_image_once"),
        ),
    ]
