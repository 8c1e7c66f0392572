"""Django's backend for PostgreSQL, which turns callers away at once while the host is silent."""
