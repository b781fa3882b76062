"""The tables of a new paper, made at once, are those that all migrations leave, one by one."""

import os
import re
from collections import Counter
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from tests.migrated import run_django

pytestmark = pytest.mark.django_db

STEP_BY_STEP = (
    "from django.core.management import call_command;"
    "from broadsheet.config.tables import make_tables;"
    "call_command('migrate', 'contenttypes', verbosity=0); make_tables()"
)
"""As whoever was stopped on the way: there are tables, so that the rest is migrated."""
TOLD = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL",
    "postgresql": """
        SELECT table_name, concat_ws(' ', column_name, data_type, character_maximum_length,
            numeric_precision, is_nullable, column_default, is_identity)
        FROM information_schema.columns WHERE table_schema = 'public'
        UNION ALL SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'
        UNION ALL SELECT conrelid::regclass::text, conname || ' ' || pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    """,
}
ROWS = (
    "SELECT app, name FROM django_migrations",
    "SELECT app_label, model FROM django_content_type",
    "SELECT app_label, codename FROM auth_permission AS p JOIN django_content_type AS t"
    " ON t.id = p.content_type_id",
    "SELECT g.name, codename FROM auth_group AS g JOIN auth_group_permissions ON group_id = g.id"
    " JOIN auth_permission AS p ON p.id = permission_id",
    "SELECT name, depth FROM wagtailcore_collection",
)


def told(database):
    """Every table, index and constraint by its words, in whatever order; and the rows."""
    with database.cursor() as cursor:
        cursor.execute(TOLD[database.vendor])
        made = Counter((n, *sorted(re.findall(r"\w+|\S", sql))) for n, sql in cursor.fetchall())
        rows = []
        for sql in ROWS:
            cursor.execute(sql)
            rows.append(Counter(cursor.fetchall()))
    return made, rows


@contextmanager
def stepwise(tmp_path):
    """A database of its own, every migration applied; closed and dropped afterwards."""
    other, more = connection.copy(), {}
    other.settings_dict["NAME"] = str(tmp_path / "paper.sqlite3")
    given = os.environ.get("BROADSHEET_DATABASE_URL")
    if given:
        other.settings_dict["NAME"] = name = f"stepwise_{os.getpid()}"
        more = {"BROADSHEET_DATABASE_URL": urlunsplit(urlsplit(given)._replace(path=f"/{name}"))}
        with connection._nodb_cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name}")
    try:
        run_django(STEP_BY_STEP, tmp_path, **more)
        yield other
    finally:
        other.close()
        if given:
            with connection._nodb_cursor() as cursor:
                cursor.execute(f"DROP DATABASE {name}")


def test_made_at_once_or_step_by_step_the_tables_are_the_same(tmp_path):
    with stepwise(tmp_path) as other:
        made, rows = told(other)
    at_once, there = told(connection)
    assert sum(made.values()) > 400
    assert (made - at_once, at_once - made) == (Counter(), Counter())
    assert rows == there
    assert all(rows)


def test_every_migration_counts_as_done():
    assert len(MigrationRecorder(connection).applied_migrations()) > 250
    assert Permission.objects.filter(codename="withdraw_article").exists()
