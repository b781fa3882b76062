"""Which picture files readers may see, and until when: rows of the pressed store.

A row says that an article shows a file, from `not_before` until `not_after` (Unix seconds, 0 for
no bound, half-open). A file without a row is nobody's business, whatever lies in the folder; one
whose rows are all over is gone. So the gate needs neither newsroom nor worker to end a picture.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

SCHEMA = """
CREATE TABLE IF NOT EXISTS media (
    path TEXT NOT NULL,
    article INTEGER NOT NULL,
    picture INTEGER NOT NULL,
    not_before REAL NOT NULL,
    not_after REAL NOT NULL,
    PRIMARY KEY (path, article)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS media_article ON media (article);
CREATE INDEX IF NOT EXISTS media_picture ON media (picture);
"""

ENDED = 1.0
"""`not_after` of what ended before its time: a moment long past."""

Standing = Literal["open", "ended", "unknown"]
"""Of a file: may be sent; may not be sent any more; never could, or not yet."""


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file below /media/ that an article shows. `picture` is the picture's number."""

    path: str
    picture: int
    not_before: float = 0
    not_after: float = 0


def put_media(connection: sqlite3.Connection, article: int, files: Iterable[MediaFile]) -> None:
    """An article shows these files. Call inside an event of the press."""
    connection.executemany(
        "INSERT OR REPLACE INTO media VALUES (?,?,?,?,?)",
        [(f.path, article, f.picture, f.not_before, f.not_after) for f in files],
    )


def end_media(
    connection: sqlite3.Connection, *, article: int | None = None, picture: int | None = None
) -> None:
    """Files that an article showed, or all of a picture, end now; the rows say so from now on."""
    column, number = ("picture", picture) if article is None else ("article", article)
    connection.execute(f"UPDATE media SET not_after=? WHERE {column}=?", (ENDED, number))


def articles_showing(connection: sqlite3.Connection, picture: int) -> set[int]:
    """Articles that show a picture, or did."""
    query = "SELECT DISTINCT article FROM media WHERE picture=?"
    return {row[0] for row in connection.execute(query, (picture,))}


def standing_of(connection: sqlite3.Connection, path: str, now: float) -> Standing:
    """Whether a file may be sent at `now`: one look-up by its path."""
    ended = False
    query = "SELECT not_before, not_after FROM media WHERE path=?"
    for not_before, not_after in connection.execute(query, (path,)):
        if not_after and not_after <= now:
            ended = True
        elif not_before <= now:
            return "open"
    return "ended" if ended else "unknown"
