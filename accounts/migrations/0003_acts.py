import django.core.serializers.json
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


# The log is kept as the ledger is: nobody changes it, whichever way they come.
KEEP = """
CREATE FUNCTION accounts_keep_acts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.created := now();
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% of % is refused: the log of acts is append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER accounts_act_keep BEFORE INSERT OR UPDATE OR DELETE ON accounts_act
    FOR EACH ROW EXECUTE FUNCTION accounts_keep_acts();
CREATE TRIGGER accounts_act_keep_all BEFORE TRUNCATE ON accounts_act
    FOR EACH STATEMENT EXECUTE FUNCTION accounts_keep_acts();
"""

UNDO = """
DROP TRIGGER accounts_act_keep ON accounts_act;
DROP TRIGGER accounts_act_keep_all ON accounts_act;
DROP FUNCTION accounts_keep_acts();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_ledger"),
    ]

    operations = [
        migrations.CreateModel(
            name="Act",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "by",
                    models.CharField(
                        choices=[("admin", "in the admin"), ("command", "command line")],
                        max_length=10,
                        verbose_name="how",
                    ),
                ),
                ("verb", models.CharField(max_length=40, verbose_name="act")),
                (
                    "kind",
                    models.CharField(
                        blank=True, help_text="The model of the row.", max_length=80, verbose_name="of what"
                    ),
                ),
                (
                    "target",
                    models.CharField(blank=True, help_text="The id of the row.", max_length=80, verbose_name="which"),
                ),
                ("name", models.CharField(blank=True, max_length=200, verbose_name="name")),
                (
                    "before",
                    models.JSONField(
                        default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name="before"
                    ),
                ),
                (
                    "after",
                    models.JSONField(
                        default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name="after"
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="reason")),
                ("address", models.GenericIPAddressField(null=True, verbose_name="from where")),
                (
                    "request",
                    models.CharField(
                        blank=True, help_text="As X-Request-Id says it.", max_length=64, verbose_name="request"
                    ),
                ),
                (
                    "created",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="when"
                    ),
                ),
                (
                    "actor",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="acts",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="who",
                    ),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="act",
                        to="accounts.entry",
                        verbose_name="entry in the ledger",
                    ),
                ),
                (
                    "subject",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="whom it concerns",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["actor", "-id"], name="act_of_actor"),
                    models.Index(fields=["subject", "-id"], name="act_on_subject"),
                    models.Index(fields=["kind", "target", "-id"], name="act_on_target"),
                    models.Index(fields=["created"], name="act_when"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("actor__isnull", False), ("by", "admin")),
                            models.Q(("actor__isnull", True), ("by", "command")),
                            _connector="OR",
                        ),
                        name="act_has_an_actor",
                    )
                ],
                "verbose_name": "act",
                "verbose_name_plural": "acts",
            },
        ),
        migrations.RunSQL(KEEP, UNDO),
    ]
