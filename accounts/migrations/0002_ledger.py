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
BEGIN
    IF NEW.kind IN ('capture', 'release') THEN
        UPDATE accounts_hold
        SET captured = captured + CASE NEW.kind WHEN 'capture' THEN NEW.amount ELSE 0 END,
            released = released + CASE NEW.kind WHEN 'release' THEN NEW.amount ELSE 0 END
        WHERE id = NEW.hold_id AND wallet_id = NEW.wallet_id;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'hold % is not of wallet %', NEW.hold_id, NEW.wallet_id
                USING ERRCODE = 'foreign_key_violation';
        END IF;
    ELSIF NEW.kind = 'hold' THEN
        PERFORM 1 FROM accounts_hold
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
DROP FUNCTION accounts_open_wallet();
DROP FUNCTION accounts_apply_entry();
DROP FUNCTION accounts_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.RunSQL(OPEN_WALLET + APPLY_ENTRY + GUARDS, UNDO),
    ]
