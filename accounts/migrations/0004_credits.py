import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_acts"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="Allotment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.DateField(help_text="Its first day.", verbose_name="month")),
                (
                    "created",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="created"
                    ),
                ),
            ],
            options={"verbose_name": "allotment", "verbose_name_plural": "allotments"},
        ),
        migrations.CreateModel(
            name="MonthlyAllowance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "amount",
                    models.PositiveBigIntegerField(
                        help_text="Each person's credits are filled up to this once a month (of UTC). Who has as many gets none.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(1000000000),
                        ],
                        verbose_name="credits a month",
                    ),
                ),
                ("active", models.BooleanField(default=True, verbose_name="active")),
            ],
            options={"verbose_name": "monthly allowance", "verbose_name_plural": "monthly allowances"},
        ),
        migrations.AlterModelOptions(
            name="wallet",
            options={
                "permissions": [("give_credits", "Can give credits and take them away")],
                "verbose_name": "wallet",
                "verbose_name_plural": "wallets",
            },
        ),
        migrations.AddField(
            model_name="voucher",
            name="per_person",
            field=models.PositiveIntegerField(
                editable=False, null=True, verbose_name="codes of the batch that one person may redeem"
            ),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=django.contrib.postgres.indexes.BrinIndex(fields=["created"], name="entry_when"),
        ),
        migrations.AddField(
            model_name="allotment",
            name="entry",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.entry",
                verbose_name="entry",
            ),
        ),
        migrations.AddField(
            model_name="allotment",
            name="group",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="auth.group",
                verbose_name="group",
            ),
        ),
        migrations.AddField(
            model_name="allotment",
            name="user",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="user",
            ),
        ),
        migrations.AddField(
            model_name="monthlyallowance",
            name="group",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="allowance",
                to="auth.group",
                verbose_name="group",
            ),
        ),
        migrations.AddConstraint(
            model_name="allotment",
            constraint=models.UniqueConstraint(fields=("user", "month"), name="allotment_once"),
        ),
        migrations.AddConstraint(
            model_name="monthlyallowance",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="allowance_positive"),
        ),
    ]
