"""PostgreSQL whose tables can be emptied between tests although the ledger refuses TRUNCATE."""
