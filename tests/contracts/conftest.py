"""Fixtures for suites that run against every implementation of a port."""

from databases import database_url, postgres_server, postgres_url, sqlite_url
from key_services import bao, kms
from registries import another, registry
from valkeys import valkey_server, valkey_url

__all__ = [
    "another",
    "bao",
    "database_url",
    "kms",
    "postgres_server",
    "postgres_url",
    "registry",
    "sqlite_url",
    "valkey_server",
    "valkey_url",
]
