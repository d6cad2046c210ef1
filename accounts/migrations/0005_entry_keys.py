from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_credits"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                condition=models.Q(("kind__in", ["grant", "redeem", "adjustment", "refund"])),
                fields=["key"],
                name="entry_given",
            ),
        ),
    ]
