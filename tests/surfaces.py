"""Everything a reader, crawler or feed reader could get, read from the pressed store."""

import gzip
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings


def surfaces() -> dict[tuple[str, str], str]:
    """Text of every pressed page by path and variant, as far as the gate gives it out now."""
    store = sqlite3.connect(Path(settings.HOME) / "pressed.sqlite3")
    try:
        within = "not_before <= :now AND (not_after = 0 OR :now < not_after)"
        query = f"SELECT path, variant, body FROM page WHERE {within}"
        rows = store.execute(query, {"now": datetime.now(UTC).timestamp()}).fetchall()
    finally:
        store.close()
    return {(path, variant): gzip.decompress(body).decode() for path, variant, body in rows}


def where(text: str) -> set[str]:
    """Paths whose pages hold a text."""
    return {path for (path, _), page in surfaces().items() if text in page}


def status(path: str) -> int:
    """The status pressed for a path, 0 for none."""
    store = sqlite3.connect(Path(settings.HOME) / "pressed.sqlite3")
    try:
        row = store.execute("SELECT status FROM page WHERE path=?", (path,)).fetchone()
    finally:
        store.close()
    return row[0] if row else 0
