from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_entry_keys"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="user",
            options={"permissions": [("block_user", "Can block people and let them in again")]},
        ),
    ]
