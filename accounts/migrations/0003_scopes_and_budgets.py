import accounts.scopes
import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


# The wallet is locked before what its keys have spent, by every entry alike: nobody waits in a circle.
COUNT = """
CREATE FUNCTION accounts_open_key_spend() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO accounts_keyspend (key_id, day, in_day, in_month, in_total)
    VALUES (NEW.id, (now() AT TIME ZONE 'UTC')::date, 0, 0, 0);
    RETURN NULL;
END $$;
CREATE TRIGGER accounts_open_key_spend AFTER INSERT ON accounts_apikey
    FOR EACH ROW EXECUTE FUNCTION accounts_open_key_spend();
INSERT INTO accounts_keyspend (key_id, day, in_day, in_month, in_total)
SELECT id, (now() AT TIME ZONE 'UTC')::date, 0, 0, 0 FROM accounts_apikey;

CREATE FUNCTION accounts_count_hold(held accounts_hold) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    spent accounts_keyspend;
    exceeded text;
BEGIN
    UPDATE accounts_keyspend
    SET day = GREATEST(day, held.counted_on),
        in_day = CASE WHEN day >= held.counted_on THEN in_day ELSE 0 END + held.amount,
        in_month = CASE WHEN day >= date_trunc('month', held.counted_on) THEN in_month ELSE 0 END + held.amount,
        in_total = in_total + held.amount
    WHERE key_id = held.key_id RETURNING * INTO STRICT spent;
    SELECT CASE WHEN spent.in_day > budget_day THEN 'key_budget_day'
                WHEN spent.in_month > budget_month THEN 'key_budget_month'
                WHEN spent.in_total > budget_total THEN 'key_budget_total' END
    INTO exceeded FROM accounts_apikey WHERE id = held.key_id;
    IF exceeded IS NOT NULL THEN
        RAISE EXCEPTION 'key % would exceed a budget', held.key_id
            USING ERRCODE = 'check_violation', CONSTRAINT = exceeded;
    END IF;
    IF spent.day <> held.counted_on THEN
        UPDATE accounts_hold SET counted_on = spent.day WHERE id = held.id;
    END IF;
END $$;

CREATE FUNCTION accounts_count_release(held accounts_hold, amount bigint) RETURNS void LANGUAGE sql AS $$
    UPDATE accounts_keyspend
    SET in_day = in_day - CASE WHEN day = held.counted_on THEN amount ELSE 0 END,
        in_month = in_month - CASE WHEN date_trunc('month', day) = date_trunc('month', held.counted_on)
            THEN amount ELSE 0 END,
        in_total = in_total - amount
    WHERE key_id = held.key_id
$$;

CREATE TRIGGER accounts_key_spend_guard BEFORE UPDATE ON accounts_keyspend
    FOR EACH ROW WHEN (pg_trigger_depth() < 1) EXECUTE FUNCTION accounts_refuse();
"""

APPLY_ENTRY = """
CREATE OR REPLACE FUNCTION accounts_apply_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    posted_change bigint := CASE NEW.kind
        WHEN 'hold' THEN 0 WHEN 'release' THEN 0 WHEN 'capture' THEN -NEW.amount ELSE NEW.amount END;
    held_change bigint := CASE NEW.kind
        WHEN 'hold' THEN NEW.amount WHEN 'release' THEN -NEW.amount WHEN 'capture' THEN -NEW.amount ELSE 0 END;
    affected accounts_hold;
BEGIN
    IF NEW.kind IN ('capture', 'release') THEN
        UPDATE accounts_hold
        SET captured = captured + CASE NEW.kind WHEN 'capture' THEN NEW.amount ELSE 0 END,
            released = released + CASE NEW.kind WHEN 'release' THEN NEW.amount ELSE 0 END
        WHERE id = NEW.hold_id AND wallet_id = NEW.wallet_id RETURNING * INTO affected;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'hold % is not of wallet %', NEW.hold_id, NEW.wallet_id
                USING ERRCODE = 'foreign_key_violation';
        END IF;
    ELSIF NEW.kind = 'hold' THEN
        SELECT * INTO affected FROM accounts_hold
        WHERE id = NEW.hold_id AND wallet_id = NEW.wallet_id AND amount = NEW.amount;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'hold % is not of wallet % or not for % credits', NEW.hold_id, NEW.wallet_id, NEW.amount
                USING ERRCODE = 'foreign_key_violation';
        END IF;
    END IF;
    UPDATE accounts_wallet
    SET posted = posted + posted_change, held = held + held_change, version = version + 1
    WHERE id = NEW.wallet_id
    RETURNING posted, held, version INTO NEW.posted_after, NEW.held_after, NEW.version_after;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no wallet %', NEW.wallet_id USING ERRCODE = 'foreign_key_violation';
    END IF;
    IF affected.key_id IS NOT NULL AND NEW.kind = 'hold' THEN
        PERFORM accounts_count_hold(affected);
    ELSIF affected.key_id IS NOT NULL AND NEW.kind = 'release' THEN
        PERFORM accounts_count_release(affected, NEW.amount);
    END IF;
    NEW.created := now();
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_ledger"),
    ]

    operations = [
        migrations.CreateModel(
            name="KeySpend",
            fields=[
                (
                    "key",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="spend",
                        serialize=False,
                        to="accounts.apikey",
                    ),
                ),
                ("day", models.DateField(editable=False)),
                ("in_day", models.BigIntegerField(default=0, editable=False)),
                ("in_month", models.BigIntegerField(default=0, editable=False)),
                ("in_total", models.BigIntegerField(default=0, editable=False)),
            ],
        ),
        migrations.AddField(
            model_name="apikey",
            name="budget_day",
            field=models.PositiveBigIntegerField(blank=True, null=True, verbose_name="credits a day"),
        ),
        migrations.AddField(
            model_name="apikey",
            name="budget_month",
            field=models.PositiveBigIntegerField(blank=True, null=True, verbose_name="credits a month"),
        ),
        migrations.AddField(
            model_name="apikey",
            name="budget_total",
            field=models.PositiveBigIntegerField(blank=True, null=True, verbose_name="credits in all"),
        ),
        migrations.AddField(
            model_name="apikey",
            name="scopes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=24), default=accounts.scopes.all_scopes, size=None
            ),
        ),
        migrations.AddField(
            model_name="apikey",
            name="version",
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
        migrations.AddField(
            model_name="hold",
            name="counted_on",
            field=models.DateField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="hold",
            name="key",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.apikey",
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="version",
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
        migrations.AlterField(
            model_name="apikey",
            name="name",
            field=models.CharField(max_length=80, verbose_name="name"),
        ),
        migrations.AddIndex(
            model_name="hold",
            index=models.Index(condition=models.Q(("key__isnull", False)), fields=["key"], name="hold_of_key"),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("counted_on", None), ("key", None)),
                    models.Q(("counted_on__isnull", False), ("key__isnull", False)),
                    _connector="OR",
                ),
                name="hold_counted_on_a_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="keyspend",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("in_day__gte", 0), ("in_month__gte", models.F("in_day")), ("in_total__gte", models.F("in_month"))
                ),
                name="key_spend_adds_up",
            ),
        ),
        migrations.RunSQL(COUNT + APPLY_ENTRY),
    ]
