"""The database's history: Alembic runs ``env.py`` and the files under ``versions``."""
