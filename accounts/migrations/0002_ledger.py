"""The ledger's own rules, kept by the database: entries move money, and nothing else does."""

from django.db import migrations

OPEN_WALLET = """
CREATE FUNCTION accounts_open_wallet() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO accounts_wallet (user_id, posted, held, version) VALUES (NEW.id, 0, 0, 0);
    RETURN NULL;
END $$;
CREATE TRIGGER accounts_open_wallet AFTER INSERT ON accounts_user
    FOR EACH ROW EXECUTE FUNCTION accounts_open_wallet();
"""

APPLY_ENTRY = """
CREATE FUNCTION accounts_apply_entry() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER accounts_apply_entry BEFORE INSERT ON accounts_entry
    FOR EACH ROW EXECUTE FUNCTION accounts_apply_entry();
"""

# In a WHEN clause pg_trigger_depth() is 0 for a statement of ours and 1 for one that the trigger above makes.
GUARDS = """
CREATE FUNCTION accounts_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: the ledger is append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER accounts_entry_keep BEFORE UPDATE OR DELETE ON accounts_entry
    FOR EACH ROW EXECUTE FUNCTION accounts_refuse();
CREATE TRIGGER accounts_entry_keep_all BEFORE TRUNCATE ON accounts_entry
    FOR EACH STATEMENT EXECUTE FUNCTION accounts_refuse();
CREATE TRIGGER accounts_hold_keep BEFORE DELETE ON accounts_hold
    FOR EACH ROW EXECUTE FUNCTION accounts_refuse();
CREATE TRIGGER accounts_hold_guard BEFORE UPDATE ON accounts_hold
    FOR EACH ROW WHEN (pg_trigger_depth() < 1) EXECUTE FUNCTION accounts_refuse();
CREATE TRIGGER accounts_wallet_guard BEFORE UPDATE OF posted, held, version ON accounts_wallet
    FOR EACH ROW WHEN (pg_trigger_depth() < 1) EXECUTE FUNCTION accounts_refuse();
CREATE TRIGGER accounts_wallet_starts_empty BEFORE INSERT ON accounts_wallet
    FOR EACH ROW WHEN (NEW.posted <> 0 OR NEW.held <> 0 OR NEW.version <> 0) EXECUTE FUNCTION accounts_refuse();
CREATE TRIGGER accounts_hold_starts_whole BEFORE INSERT ON accounts_hold
    FOR EACH ROW WHEN (NEW.captured <> 0 OR NEW.released <> 0) EXECUTE FUNCTION accounts_refuse();
"""

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

UNDO = """
DROP TRIGGER accounts_open_wallet ON accounts_user;
DROP TRIGGER accounts_apply_entry ON accounts_entry;
DROP TRIGGER accounts_entry_keep ON accounts_entry;
DROP TRIGGER accounts_entry_keep_all ON accounts_entry;
DROP TRIGGER accounts_hold_keep ON accounts_hold;
DROP TRIGGER accounts_hold_guard ON accounts_hold;
DROP TRIGGER accounts_hold_starts_whole ON accounts_hold;
DROP TRIGGER accounts_wallet_guard ON accounts_wallet;
DROP TRIGGER accounts_wallet_starts_empty ON accounts_wallet;
DROP TRIGGER accounts_key_spend_guard ON accounts_keyspend;
DROP TRIGGER accounts_open_key_spend ON accounts_apikey;
DROP FUNCTION accounts_open_key_spend();
DROP FUNCTION accounts_count_hold(accounts_hold);
DROP FUNCTION accounts_count_release(accounts_hold, bigint);
DROP FUNCTION accounts_open_wallet();
DROP FUNCTION accounts_apply_entry();
DROP FUNCTION accounts_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.RunSQL(OPEN_WALLET + APPLY_ENTRY + GUARDS + COUNT, UNDO),
    ]
