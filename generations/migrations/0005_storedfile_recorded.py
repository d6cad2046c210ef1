from django.db import migrations, models

NOTE_IMAGES = """
UPDATE generations_storedfile f SET recorded = true
WHERE EXISTS (SELECT FROM generations_image i WHERE i.sha256 = f.sha256)
"""


class Migration(migrations.Migration):
    dependencies = [("generations", "0004_album_description")]

    operations = [
        migrations.AddField(
            model_name="storedfile",
            name="recorded",
            field=models.BooleanField(db_default=False, help_text="whether an image had them"),
        ),
        migrations.RunSQL(NOTE_IMAGES, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="storedfile",
            index=models.Index(
                condition=models.Q(("recorded", False)), fields=["claimed_at"], name="storedfile_left_over"
            ),
        ),
    ]
