from django.db import migrations, models
import django.db.models.deletion


class Migration(migrations.Migration):
    dependencies = [("generations", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="generation",
            name="prompt",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="generations",
                to="generations.prompt",
            ),
        ),
        migrations.AddIndex(
            model_name="generation",
            index=models.Index(fields=["prompt", "-id"], name="generation_of_prompt"),
        ),
    ]
