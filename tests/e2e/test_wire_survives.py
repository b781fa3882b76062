"""kill -9 of the worker while an agency's day comes in: the paper is the one never killed."""

import gzip
import os
import re
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from tests.e2e.conftest import own_database
from tests.e2e.house import COMMAND, broadsheet, environment, migrated
from tests.e2e.stream import A_FILE, batches, put
from tests.waiting import wait_until

ITEMS = """
    SELECT i.key, i.status, i.latest_id IS NOT NULL, v.wire_version, v.content_hash
    FROM wire_item i JOIN wire_version v ON v.id = i.latest_id ORDER BY i.key"""
VERSIONS = """
    SELECT i.key, v.number, v.content_hash, v.applies
    FROM wire_version v JOIN wire_item i ON i.id = v.item_id ORDER BY i.key, v.number"""
ARTICLES = """
    SELECT i.key, a.path, a.shown_headline, a.live, a.held, a.withdrawn_at IS NOT NULL, v.number
    FROM desk_article a JOIN wire_item i ON i.id = a.item_id
    JOIN wire_version v ON v.id = a.basis_id ORDER BY i.key"""
NOTICES = """
    SELECT i.key, n.kind, n.text FROM desk_notice n JOIN desk_article a ON a.id = n.article_id
    JOIN wire_item i ON i.id = a.item_id ORDER BY i.key, n.kind, n.text"""
MOMENTS = re.compile(
    r'<meta property="article:modified_time"[^>]*>|<p class="when changed">.*?</p>|'
    r"<time.*?</time>|<(lastBuildDate|pubDate|updated|published|lastmod|news:publication_date)>"
    r'.*?</\1>|"date\w+": ?"[^"]*"|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)|'
    r"\([^()<]*\d\d:\d\d\):",
    re.DOTALL,
)
READ_ON = re.compile(r'<aside class="related".*?</aside>', re.DOTALL)
"""What stood beside a report when it was pressed: that depends on the moment, by design."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper with an agency's folder; nothing of it is served."""

    home: Path
    drop: Path
    database: str

    @property
    def settings(self) -> dict[str, str]:
        """What the paper's processes are told besides the home."""
        return {"BROADSHEET_DATABASE_URL": self.database} if self.database else {}

    def command(self, *words: str) -> None:
        """A command that must succeed."""
        done = broadsheet(self.home, *words, **self.settings)
        assert done.returncode == 0, done.stdout + done.stderr

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """Everything a query answers; an SQLite that is being written is waited for."""
        if self.database:
            import psycopg

            with psycopg.connect(self.database) as connection:
                return connection.execute(sql.encode()).fetchall()
        with closing(sqlite3.connect(f"file:{self.home}/paper.sqlite3?mode=ro", uri=True)) as found:
            return found.execute(sql).fetchall()

    def taken(self) -> int:
        """How many versions came in so far."""
        return int(str(self.rows("SELECT count(*) FROM wire_version")[0][0]))

    def let_leases_end(self) -> None:
        """What a minute and a half would do: a killed process holds its feeds no longer."""
        sql = "UPDATE wire_feed SET lease_until=NULL"
        if self.database:
            import psycopg

            with psycopg.connect(self.database) as connection:
                connection.execute(sql)
            return
        with closing(sqlite3.connect(self.home / "paper.sqlite3", timeout=20)) as found, found:
            found.execute(sql)

    def pages(self) -> dict[tuple[str, str], tuple[int, str]]:
        """Every pressed page with its status and its text without moments."""
        with closing(sqlite3.connect(self.home / "pressed.sqlite3")) as store:
            rows = store.execute("SELECT path, variant, status, body FROM page").fetchall()
        return {
            (path, variant): (
                status,
                READ_ON.sub("", MOMENTS.sub("", gzip.decompress(body).decode())),
            )
            for path, variant, status, body in rows
        }


@contextmanager
def paper(folder: Path, name: str) -> Iterator[Paper]:
    """An empty paper that publishes what a folder brings, on the database of this round."""
    home, drop = folder / name / "var", folder / name / "drop"
    drop.mkdir(parents=True)
    with own_database(name) if os.environ.get("BROADSHEET_DATABASE_URL") else _none() as database:
        made = Paper(home if database else migrated(home), drop, database)
        made.command("init", str(home.parent))
        made.command(
            "wire", "add", "heron", str(drop), "--publish", "--max-age", "none",
            "--source", "Heron", "--section", "world",
        )  # fmt: skip
        yield made
    shutil.rmtree(folder / name)


@contextmanager
def _none() -> Iterator[str]:
    yield ""


def lived(made: Paper, day: list[list[bytes]], disturb: Callable[[int, int], None]) -> None:
    """Let the batches come in one after the other; `disturb` may kill in the middle of each."""
    for turn, batch in enumerate(day):
        before = made.taken()
        for number, document in enumerate(batch):
            put(made.drop, turn * 100 + number, document)
        disturb(before, len(batch))
        made.command("wire", "fetch")


def killed(made: Paper, dice: Random) -> Callable[[int, int], None]:
    """Start a worker on each batch and kill it when it has taken in so much, and a moment."""

    def disturb(before: int, documents: int) -> None:
        enough = before + dice.randint(1, documents * A_FILE * 2 // 3)
        pause = dice.choice((0.0, dice.uniform(0, 0.3), dice.uniform(0, 1.5)))
        told = environment(made.home) | made.settings
        worker = subprocess.Popen([*COMMAND, "worker"], env=told, start_new_session=True)
        try:
            wait_until(lambda: made.taken() >= enough, what="items came in", pause=0.02)
            time.sleep(pause)
        finally:
            worker.kill()
            worker.wait()
        made.let_leases_end()

    return disturb


def alike(first: Paper, second: Paper) -> None:
    for sql in (ITEMS, VERSIONS, ARTICLES, NOTICES):
        assert first.rows(sql) == second.rows(sql)
    ours, theirs = first.pages(), second.pages()
    assert ours.keys() == theirs.keys()
    for name, page in ours.items():
        assert page[0] == theirs[name][0], name
        assert page[1].split() == theirs[name][1].split(), name


def check(folder: Path, seed: int, reports: int, kills: int = 10) -> None:
    """So many kills in one day; afterwards nothing tells the papers apart."""
    day = batches(seed, reports, kills, datetime.now(UTC).replace(microsecond=0))
    with paper(folder, "calm") as calm, paper(folder, "rough") as rough:
        lived(calm, day, lambda before, documents: None)
        lived(rough, day, killed(rough, Random(seed)))
        alike(calm, rough)


def test_killed_workers_leave_the_paper_that_was_never_killed(tmp_path: Path) -> None:
    """Ten; on PostgreSQL three, after the ten on SQLite."""
    if os.environ.get("BROADSHEET_DATABASE_URL"):
        check(tmp_path, 1702, 30, kills=3)
    else:
        check(tmp_path, 1702, 100)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(20))
def test_two_hundred_killed_workers_leave_the_same_paper(tmp_path: Path, seed: int) -> None:
    check(tmp_path, seed, 500)
