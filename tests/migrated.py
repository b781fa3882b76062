"""A migrated database is made once for one set of migrations, and copied for every run after.

`migrate` still runs on each copy, so a copy that lacks something gets it.
"""

import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parent.parent
KEPT = Path(sys.prefix)


def remember_migrations() -> None:
    """Let the test database of this process begin as a copy of one that was migrated before."""
    from django.db import connection
    from django.test import TransactionTestCase

    from tests.at_once import back_in_memory

    if connection.vendor == "postgresql":
        template = migrated_template(os.environ["BROADSHEET_DATABASE_URL"])
        connection.settings_dict["TEST"]["TEMPLATE"] = template
        TransactionTestCase._fixture_teardown = partial(_copy_again, template)  # type: ignore[attr-defined]
        return
    creation: Any = connection.creation
    made_empty, kept = creation._create_test_db, migrated_file()

    def begin_again(*_: Any) -> None:
        back_in_memory()
        connection.ensure_connection()
        with closing(sqlite3.connect(f"file:{kept}?mode=ro", uri=True)) as copy:
            copy.backup(connection.connection, progress=_for_ten_seconds())

    def begin_with_the_copy(*args: Any, **kwargs: Any) -> str:
        name: str = made_empty(*args, **kwargs)
        connection.close()
        connection.settings_dict["NAME"] = name
        begin_again()
        return name

    creation._create_test_db = begin_with_the_copy
    # After a test that commits: quicker than to flush, and what migrations made is there again.
    TransactionTestCase._fixture_teardown = begin_again  # type: ignore[attr-defined]


def _copy_again(template: str, *_: Any) -> None:
    """After a test that commits, on PostgreSQL: a flush takes seconds, a copy a fraction of one."""
    from django.db import connection, connections

    name = connection.settings_dict["NAME"]
    connections.close_all()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


def _for_ten_seconds() -> Callable[[int, int, int], None]:
    """Lets a copy wait so long, in steps of a quarter, for threads that a test left behind."""
    waits = iter(range(40))

    def wait(status: int, *_: int) -> None:
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) and next(waits, None) is None:
            raise TimeoutError("A thread of the test before still uses the database.")

    return wait


def migrated_file() -> Path:
    """An SQLite database that knows every migration and holds nothing else; to be copied."""
    kept = KEPT / f"migrated-{_fingerprint()}.sqlite3"
    with alone(kept.with_suffix(".lock")):
        if not kept.exists():
            home = Path(tempfile.mkdtemp(prefix="broadsheet-migrated-"))
            _migrate(home)
            part = kept.with_suffix(".part")
            with closing(sqlite3.connect(home / "paper.sqlite3")) as made:
                made.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                with closing(sqlite3.connect(part)) as copy:
                    made.backup(copy)
            part.replace(kept)
            shutil.rmtree(home)
    return kept


def migrated_template(given: str) -> str:
    """The name of such a PostgreSQL database, made in the cluster of the given address."""
    import psycopg

    name = f"migrated_{_fingerprint()}"
    lock = alone(KEPT / f"{name}.lock")
    with lock, psycopg.connect(given, autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if found.fetchone() is None:
            part = f"{name}_part"
            connection.execute(f"DROP DATABASE IF EXISTS {part} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {part}")
            with tempfile.TemporaryDirectory(prefix="broadsheet-migrated-") as home:
                address = urlunsplit(urlsplit(given)._replace(path=f"/{part}"))
                _migrate(Path(home), BROADSHEET_DATABASE_URL=address)
            connection.execute(f"ALTER DATABASE {part} RENAME TO {name}")
    return name


def _migrate(home: Path, **more: str) -> None:
    """Make the tables, in a process of its own, in the database that a paper in this home has."""
    run_django("from broadsheet.config.tables import make_tables; make_tables()", home, **more)


def run_django(code: str, home: Path, **more: str) -> None:
    """Run a line of Python in a process of its own, with the settings of a paper in this home."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("BROADSHEET_", "DJANGO_"))}
    settings = {
        "BROADSHEET_HOME": str(home), "DJANGO_SETTINGS_MODULE": "broadsheet.config.settings",
        "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    command = (sys.executable, "-c", f"import django; django.setup(); {code}")
    subprocess.run(command, env=kept | settings | more, cwd=ROOT, check=True)


@contextmanager
def alone(file: Path) -> Iterator[None]:
    """One process at a time: of several workers the first makes it, and the others wait."""
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fingerprint() -> str:
    """Every migration of ours by its text, everybody else's by the lock file."""
    ours = sorted(ROOT.glob("broadsheet/*/migrations/*.py"))
    others = [ROOT / "broadsheet" / "config" / "tables.py", ROOT / "requirements.lock"]
    text = b"".join(p.name.encode() + p.read_bytes() for p in [*ours, *others])
    return hashlib.sha256(text).hexdigest()[:16]
