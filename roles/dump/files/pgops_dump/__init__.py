"""Dumps of a database with a manifest that says what is in them, and their way back. Needs psycopg2."""
