"""A migrated database is made once for one set of migrations, and copied for every run after."""

import hashlib
import os
import sqlite3
import sys
from pathlib import Path
from typing import Any

from django.db import connection

ROOT = Path(__file__).resolve().parent.parent


def remember_migrations() -> None:
    """Let SQLite's test database begin as a copy of one that was migrated before.

    `migrate` still runs on the copy, so a copy that lacks something gets it. PostgreSQL, and the
    processes of a served paper, migrate by themselves.
    """
    if connection.vendor != "sqlite":
        return
    creation: Any = connection.creation
    kept = Path(sys.prefix) / f"migrated-{_fingerprint()}.sqlite3"
    made_empty, made = creation._create_test_db, creation.create_test_db

    def begin_with_the_copy(*args: Any, **kwargs: Any) -> str:
        name: str = made_empty(*args, **kwargs)
        if kept.exists():
            connection.close()
            connection.settings_dict["NAME"] = name
            connection.ensure_connection()
            with sqlite3.connect(f"file:{kept}?mode=ro", uri=True) as copy:
                copy.backup(connection.connection)
            copy.close()
        return name

    def keep_a_copy(*args: Any, **kwargs: Any) -> str:
        name: str = made(*args, **kwargs)
        if not kept.exists():
            part = kept.with_suffix(f".{os.getpid()}")
            with sqlite3.connect(part) as copy:
                connection.connection.backup(copy)
            copy.close()
            part.replace(kept)
        return name

    creation._create_test_db = begin_with_the_copy
    creation.create_test_db = keep_a_copy


def _fingerprint() -> str:
    """Every migration of ours by its text, everybody else's by the lock file."""
    ours = sorted(ROOT.glob("broadsheet/*/migrations/*.py"))
    text = b"".join(p.name.encode() + p.read_bytes() for p in [*ours, ROOT / "requirements.lock"])
    return hashlib.sha256(text).hexdigest()[:16]
