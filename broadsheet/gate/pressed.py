"""The pressed store: a SQLite file on each gate host, written by the press, read by the gate.

One write transaction per event, so that a withdrawal leaves no surface behind. The gate polls
`PRAGMA data_version` and reads the `changed` numbers to drop what it keeps in memory.
"""

import gzip
import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from broadsheet.gate import ended, institutions, media
from broadsheet.gate.ended import LinkEnd, put_ends
from broadsheet.gate.media import MediaFile, end_media, put_media
from broadsheet.gate.passes import ACCEPTED, SKEW

FORMAT = 1
"""Number of the page format. A gate reads its own format and the one before it."""

Variant = Literal["plain", "plain_no_ads", "full", "full_no_ads", "teaser"]
"""`plain` and `plain_no_ads` belong to fronts and lists, the other three to articles."""

WALL_MARK = "<!--wall-->"
"""Where the gate puts the wall's fragment into a teaser. Press writes it exactly once."""

COUNT_MARK = "<!--count-->"
"""Where the gate puts how many of the free articles were read, into the full page of an article."""

READS_MARK, LIMIT_MARK = "@reads@", "@limit@"
"""Stand in the fragments "count" and "count_last" for the numbers of the decision."""

SIGNED_IN = "+account"
"""Ends the name of a wall for readers who are signed in; no entitlement's name can hold it."""

PATH_MARK = "@path@"
"""Stands in a wall's fragment for the page's own path, percent-encoded for a query value."""

REVOKED_SECONDS = ACCEPTED + SKEW
"""Seconds a revocation is kept: no pass issued before it opens anything by then."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS page (
    path TEXT NOT NULL,
    variant TEXT NOT NULL,
    format INTEGER NOT NULL,
    status INTEGER NOT NULL,
    content_type TEXT NOT NULL,
    access TEXT NOT NULL,
    article INTEGER NOT NULL,
    not_before REAL NOT NULL,
    not_after REAL NOT NULL,
    location TEXT NOT NULL,
    etag TEXT NOT NULL,
    body BLOB NOT NULL,
    changed INTEGER NOT NULL,
    section INTEGER NOT NULL DEFAULT 0,
    published REAL NOT NULL DEFAULT 0,
    PRIMARY KEY (path, variant)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS page_changed ON page (changed);
CREATE INDEX IF NOT EXISTS page_article ON page (article) WHERE article > 0;
CREATE TABLE IF NOT EXISTS gone (path TEXT PRIMARY KEY, changed INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS mention (
    path TEXT NOT NULL, article INTEGER NOT NULL, PRIMARY KEY (path, article)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS mention_article ON mention (article);
CREATE TABLE IF NOT EXISTS fragment (name TEXT PRIMARY KEY, html TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS revoked (reader INTEGER PRIMARY KEY, at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS revoked_at ON revoked (at);
"""

NEWER = ("revoked", "media", "network", "ended_link")
"""Tables that stores of older versions lack."""

NEWER_COLUMNS = ("section INTEGER NOT NULL DEFAULT 0", "published REAL NOT NULL DEFAULT 0")
"""Columns of `page` that stores of older versions lack."""


@dataclass(frozen=True, slots=True)
class Page:
    """One answer at one address.

    `access` is an access class ("open", "registered", "metered", "premium" or an entitlement).
    `article` is the article's number, 0 when the page is no article: what the meter counts.
    `not_before` and `not_after` are Unix seconds (UTC); 0 means no bound. `body` is gzip bytes
    of the page; a teaser holds WALL_MARK where the wall goes. `location` is set on redirects.
    `mentions` are the articles that the page points to and must not outlive. `section` is the
    number of an article's section, `published` when it was first published (Unix seconds): what
    the meter's rules go by.
    """

    path: str
    variant: Variant
    body: bytes
    etag: str
    content_type: str = "text/html; charset=utf-8"
    status: int = 200
    access: str = "open"
    article: int = 0
    not_before: float = 0
    not_after: float = 0
    location: str = ""
    section: int = 0
    published: float = 0
    mentions: tuple[int, ...] = ()


def compressed(text: str | bytes) -> bytes:
    """Gzip once, when pressed; without a time stamp so that equal pages are equal bytes."""
    data = text.encode() if isinstance(text, str) else text
    return gzip.compress(data, 6, mtime=0)


def etag_of(text: str | bytes) -> str:
    """A strong entity tag (RFC 9110, 8.8.3) for the uncompressed page."""
    data = text.encode() if isinstance(text, str) else text
    return '"' + hashlib.sha256(data).hexdigest()[:24] + '"'


def store_path(home: Path) -> Path:
    """Where the store of a paper stands."""
    return home / "pressed.sqlite3"


def open_store(path: Path) -> sqlite3.Connection:
    """Open the store, made on first use, completed when an older version made it.

    Autocommit: writers use `event`."""
    connection = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    if not _has_table(connection, "page"):
        _make_tables(connection)
    complete(connection)
    return connection


def complete(connection: sqlite3.Connection) -> None:
    """Add what the store of an older version lacks: a gate may start before its press."""
    if not _has_table(connection, "page"):
        return
    if not all(_has_table(connection, name) for name in NEWER):
        _make_tables(connection)
    if _has_column(connection, "published"):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for column in NEWER_COLUMNS:
            if not _has_column(connection, column.split()[0]):
                connection.execute(f"ALTER TABLE page ADD COLUMN {column}")
    finally:
        connection.execute("COMMIT")


def _make_tables(connection: sqlite3.Connection) -> None:
    tables = SCHEMA + media.SCHEMA + institutions.SCHEMA + ended.SCHEMA
    connection.executescript(f"BEGIN IMMEDIATE;{tables}COMMIT;")


def _has_column(connection: sqlite3.Connection, name: str) -> bool:
    query = "SELECT 1 FROM pragma_table_info('page') WHERE name=?"
    return connection.execute(query, (name,)).fetchone() is not None


def _has_table(connection: sqlite3.Connection, name: str) -> bool:
    query = "SELECT 1 FROM sqlite_master WHERE name=?"
    return connection.execute(query, (name,)).fetchone() is not None


class PressRun:
    """Writes of one event, inside one transaction. Made by `event` only."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._changed = int(self.fact("changed", "0")) + 1
        self.set_fact("changed", str(self._changed))

    def put(self, page: Page) -> None:
        """Store the page; the same bytes again are no change."""
        self._mention(page)
        row = self._connection.execute(
            "SELECT etag, status, access, article, not_before, not_after, location, section,"
            " published, format FROM page WHERE path=? AND variant=?",
            (page.path, page.variant),
        ).fetchone()
        state = (page.etag, page.status, page.access, page.article)
        state += (page.not_before, page.not_after, page.location)  # type: ignore[assignment]
        state += (page.section, page.published, FORMAT)  # type: ignore[assignment]
        if row == state:
            return
        self._connection.execute("DELETE FROM gone WHERE path=?", (page.path,))
        self._connection.execute(
            "INSERT OR REPLACE INTO page VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                page.path, page.variant, FORMAT, page.status, page.content_type, page.access,
                page.article, page.not_before, page.not_after, page.location, page.etag,
                page.body, self._changed, page.section, page.published,
            ),
        )  # fmt: skip

    def _mention(self, page: Page) -> None:
        self._connection.execute("DELETE FROM mention WHERE path=?", (page.path,))
        query = "INSERT OR IGNORE INTO mention VALUES (?, ?)"
        self._connection.executemany(query, [(page.path, article) for article in page.mentions])

    def mentioning(self, articles: Iterable[int]) -> set[str]:
        """Addresses whose pages point to one of the articles."""
        query = "SELECT path FROM mention WHERE article=?"
        rows = (row for number in articles for row in self._connection.execute(query, (number,)))
        return {path for (path,) in rows}

    def remove(self, path: str, *, keep: Iterable[str] = ()) -> None:
        """Take every variant of an address away, but those named in `keep`."""
        kept = tuple(keep)
        marks = ",".join("?" * len(kept))
        deleted = self._connection.execute(
            f"DELETE FROM page WHERE path=? AND variant NOT IN ({marks})", (path, *kept)
        )
        if deleted.rowcount:
            gone = "INSERT OR REPLACE INTO gone VALUES (?, ?)"
            self._connection.execute(gone, (path, self._changed))

    def paths(self, *, article: int | None = None) -> list[str]:
        """Addresses in the store, of one article when asked."""
        values = () if article is None else (article,)
        where = " WHERE article=?" if values else ""
        rows = self._connection.execute(f"SELECT DISTINCT path FROM page{where}", values)
        return [row[0] for row in rows]

    def put_fragment(self, name: str, html: str) -> None:
        """Store a fragment of the wall; every teaser shows it from now on."""
        self._connection.execute("INSERT OR REPLACE INTO fragment VALUES (?, ?)", (name, html))

    def revoke(self, reader: int, at: float) -> None:
        """Void the reader's passes issued at or before `at` (Unix seconds); it is never lowered.

        They must be renewed before they open anything. So that no pass with the rights of before
        slips through, `at` is read from the clock after the change of the rights was committed.
        """
        raised = self._connection.execute(
            "INSERT INTO revoked VALUES (?, ?)"
            " ON CONFLICT (reader) DO UPDATE SET at=excluded.at WHERE excluded.at>at",
            (reader, at),
        )
        if raised.rowcount:
            self.set_fact("revoked", str(self._changed))
        self._connection.execute("DELETE FROM revoked WHERE at<?", (at - REVOKED_SECONDS,))

    def end_links(self, ends: Iterable[LinkEnd], now: float, *, every: bool = False) -> None:
        """When links to articles end; `every`: no other link ends early. `now` in Unix seconds."""
        put_ends(self._connection, ends, now, every=every)
        self.set_fact("ended_links", str(self._changed))

    def show_media(self, article: int, files: Iterable[MediaFile]) -> None:
        """What an article shows: these files. What it showed before, and they are not, ends."""
        end_media(self._connection, article=article)
        put_media(self._connection, article, files)

    def end_picture(self, picture: int) -> None:
        """Every file of a picture ends, whatever shows it."""
        end_media(self._connection, picture=picture)

    def lend(self, lendings: Iterable[institutions.Lending]) -> None:
        """The networks of all institutions are these."""
        institutions.put_networks(self._connection, lendings)
        self.set_fact("networks", str(self._changed))

    def set_fact(self, name: str, value: str) -> None:
        """Store a fact that the gate needs (limits, zone, origin, cursor)."""
        self._connection.execute("INSERT OR REPLACE INTO fact VALUES (?, ?)", (name, value))

    def fact(self, name: str, default: str = "") -> str:
        """Read a fact inside the event."""
        row = self._connection.execute("SELECT value FROM fact WHERE name=?", (name,)).fetchone()
        return default if row is None else str(row[0])


@contextmanager
def event(connection: sqlite3.Connection) -> Iterator[PressRun]:
    """One event: all of its pages, or none. Holds the store's write lock from the first line,
    so what is read from the paper's database inside is never older than what another press wrote.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield PressRun(connection)
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def read_pages(connection: sqlite3.Connection, path: str) -> dict[str, Page]:
    """The variants pressed for an address, by variant; empty when there is none."""
    rows = connection.execute(
        "SELECT path, variant, body, etag, content_type, status, access, article,"
        " not_before, not_after, location, section, published FROM page"
        " WHERE path=? AND format BETWEEN ? AND ?",
        (path, FORMAT - 1, FORMAT),
    )
    return {row[1]: Page(*row) for row in rows}


def read_fragments(connection: sqlite3.Connection) -> dict[str, str]:
    """The wall's fragments by reason."""
    return dict(connection.execute("SELECT name, html FROM fragment"))


def read_revoked(connection: sqlite3.Connection) -> dict[int, float]:
    """For each reader the Unix seconds at or before which passes are void."""
    return dict(connection.execute("SELECT reader, at FROM revoked"))
