"""A whole studio in a folder, and back: the database as pg_dump writes it, the objects as files, and a manifest.

Objects are copied before the database and once more after it, so that no row in the dump points to what was not copied.
Their keys are content hashes or drawn at random: what is in the folder already is never copied again.
"""
