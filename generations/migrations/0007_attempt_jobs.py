from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("generations", "0006_prices"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="attempt",
            index=models.Index(condition=models.Q(("job", ""), _negated=True), fields=["job"], name="attempt_job"),
        ),
    ]
