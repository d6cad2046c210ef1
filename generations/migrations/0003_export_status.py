from django.db import migrations, models

UNFINISHED = models.Q(status__in=["queued", "running"])


class Migration(migrations.Migration):
    dependencies = [("generations", "0002_generations_of_a_prompt")]

    operations = [
        migrations.RemoveIndex(model_name="export", name="export_due"),
        migrations.RemoveConstraint(model_name="export", name="export_one_at_a_time"),
        migrations.RenameField(model_name="export", old_name="state", new_name="status"),
        migrations.AddIndex(
            model_name="export",
            index=models.Index(fields=["created"], name="export_due", condition=UNFINISHED),
        ),
        migrations.AddConstraint(
            model_name="export",
            constraint=models.UniqueConstraint(fields=["user"], name="export_one_at_a_time", condition=UNFINISHED),
        ),
    ]
