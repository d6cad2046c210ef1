from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_user_leaves_at"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="user",
            options={
                "permissions": [
                    ("block_user", "Can block people and let them in again"),
                    ("visit_user", "Can see the studio as a person sees it"),
                ],
                "verbose_name": "user",
                "verbose_name_plural": "users",
            },
        ),
    ]
