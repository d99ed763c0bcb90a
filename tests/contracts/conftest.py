"""Fixtures for suites that run against every implementation of a port."""

from databases import database_url, postgres_server, postgres_url, sqlite_url
from valkeys import valkey_server, valkey_url

__all__ = ["database_url", "postgres_server", "postgres_url", "sqlite_url", "valkey_server", "valkey_url"]
