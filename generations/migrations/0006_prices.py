import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


# ``atelier.actor`` is who is saving, as the admin says it for the transaction.
WRITE = """
CREATE FUNCTION generations_note_price() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    who bigint := NULLIF(current_setting('atelier.actor', true), '')::bigint;
    earlier generations_model := CASE TG_OP WHEN 'UPDATE' THEN OLD END;
BEGIN
    INSERT INTO generations_pricechange (model_id, resolution, before, after, actor_id, created)
    SELECT NEW.id, resolution, before, after, who, now()
    FROM (VALUES ('1K', earlier.price_1k, NEW.price_1k), ('2K', earlier.price_2k, NEW.price_2k))
        AS prices (resolution, before, after)
    WHERE before IS DISTINCT FROM after;
    RETURN NULL;
END $$;
CREATE TRIGGER generations_note_price AFTER INSERT OR UPDATE OF price_1k, price_2k ON generations_model
    FOR EACH ROW EXECUTE FUNCTION generations_note_price();

CREATE FUNCTION generations_keep_prices() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: what was asked for is not changed afterwards', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER generations_keep_prices BEFORE UPDATE ON generations_pricechange
    FOR EACH ROW EXECUTE FUNCTION generations_keep_prices();

INSERT INTO generations_pricechange (model_id, resolution, after, created)
SELECT id, '1K', price_1k, now() FROM generations_model UNION ALL
SELECT id, '2K', price_2k, now() FROM generations_model;
"""

UNDO = """
DROP TRIGGER generations_note_price ON generations_model;
DROP TRIGGER generations_keep_prices ON generations_pricechange;
DROP FUNCTION generations_note_price();
DROP FUNCTION generations_keep_prices();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("generations", "0005_decisions_and_retention"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PriceChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("resolution", models.CharField(max_length=2, verbose_name="size")),
                ("before", models.PositiveIntegerField(null=True, verbose_name="before")),
                ("after", models.PositiveIntegerField(verbose_name="credits per image")),
                (
                    "created",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="since"
                    ),
                ),
                (
                    "actor",
                    models.ForeignKey(
                        db_index=False,
                        help_text="Nobody: a new version's catalogue, or a command.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="who",
                    ),
                ),
                (
                    "model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="price_changes",
                        to="generations.model",
                        verbose_name="model",
                    ),
                ),
            ],
            options={
                "verbose_name": "price",
                "verbose_name_plural": "prices",
            },
        ),
        migrations.RunSQL(WRITE, UNDO),
    ]
