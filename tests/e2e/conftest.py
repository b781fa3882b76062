"""The demo paper, made once; the browser, Debian's Chromium. Both end with this folder."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from broadsheet.config.processes import give_way
from tests.e2e.house import House, broadsheet, copied, copied_files, migrated, served
from tests.e2e.till import Till, be_quiet, quiet_in_the_end
from tests.migrated import alone, migrated_template

CHROMIUM = Path("/usr/bin/chromium")
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
expect.set_options(timeout=60_000)
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--in-process-gpu", "--disable-software-rasterizer",
    "--process-per-site", "--renderer-process-limit=1",
]  # fmt: skip
"""As few processes as it can do with: a page costs it a fifth less of the processor."""
DEMO = "broadsheet_demo"
LONGEST = (
    "test_wire_survives.py", "test_money_survives.py", "test_money_pages.py", "test_desk_screens.py"
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest journeys come first, so that nobody waits for them alone in the end."""
    items.sort(key=lambda item: item.path.name not in LONGEST)


@pytest.fixture(scope="package", autouse=True)
def as_nice_as_the_newsroom() -> None:
    """Newsroom and worker give way to readers; a reader who has the whole machine for a browser, as
    a test has, must not keep them from what the test waits for."""
    give_way()


@pytest.fixture(scope="package")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The home of a demo paper that nobody has served yet; its agencies' folders are in it."""
    home = tmp_path_factory.mktemp("demo") / "var"
    made = _made_demo(tmp_path_factory.getbasetemp())
    shutil.copytree(made, home)
    with closing(sqlite3.connect(home / "paper.sqlite3")) as database, database:
        moved = "UPDATE wire_feed SET location = replace(location, ?, ?)"
        database.execute(moved, (str(made), str(home)))
    yield home
    shutil.rmtree(home)


def _made_demo(folder: Path, *, on_postgres: bool = False) -> Path:
    """The demo paper of this run: the first of several workers makes it for all. On PostgreSQL its
    words are in the database `DEMO`."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    place = folder / ("made-on-postgres" if on_postgres else "made")
    home, whole = place / "var", place / "whole"
    with alone(place.with_suffix(".lock")):
        if not whole.exists():
            shutil.rmtree(home, ignore_errors=True)
            there = {"BROADSHEET_DATABASE_URL": _new_database(DEMO)} if on_postgres else {}
            if not on_postgres:
                migrated(home)
            made = broadsheet(home, "demo", "--no-serve", within=900, **there)
            assert made.returncode == 0, made.stderr
            whole.touch()
    return home


@pytest.fixture(scope="module")
def readers_house(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The demo as its readers find it; tests may read and register here, not edit. One for each
    file: a paper that nobody reads takes a twentieth of a core from the others all the same."""
    with served(copied(demo_home, tmp_path_factory.mktemp("readers") / "var")) as house:
        yield house


@pytest.fixture(scope="module")
def own_house(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A demo paper for one file alone, to be changed as it likes."""
    with served(copied(demo_home, tmp_path_factory.mktemp("own") / "var")) as house:
        yield house


@pytest.fixture(scope="module")
def paying_house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """A demo paper for one file alone; on PostgreSQL in the round that gives a database."""
    with demo_paper(request, tmp_path_factory.mktemp("paying") / "var") as house:
        yield house


@pytest.fixture(scope="module")
def open_till(paying_house: House) -> Iterator[Till]:
    """The gateway of the paying house; the books must balance in the end."""
    with quiet_in_the_end(paying_house) as till:
        yield till


@pytest.fixture
def till(open_till: Till) -> Iterator[Till]:
    """The gateway, well-behaved again after each test."""
    yield open_till
    be_quiet(open_till)


@contextmanager
def demo_paper(request: pytest.FixtureRequest, home: Path, **more: str) -> Iterator[House]:
    """A served demo paper on the database of this round; `more` are further settings."""
    if not os.environ.get("BROADSHEET_DATABASE_URL"):
        with served(copied(request.getfixturevalue("demo_home"), home), **more) as house:
            yield house
        return
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    folder = request.getfixturevalue("tmp_path_factory").getbasetemp()
    made = _made_demo(folder, on_postgres=True)
    with own_database(f"broadsheet_{home.parent.name}{worker}", template=DEMO) as database:
        copied_files(made, home)
        with psycopg.connect(database) as connection:
            connection.execute("UPDATE wire_feed SET active=false")
        with served(home, BROADSHEET_DATABASE_URL=database, **more) as house:
            yield house


@contextmanager
def own_database(name: str, *, template: str = "") -> Iterator[str]:
    """A PostgreSQL database beside the test database, dropped afterwards; its address.

    A copy of `template`; unless one is named it is migrated and has nothing in it.
    """
    yield _new_database(name, template)
    with psycopg.connect(os.environ["BROADSHEET_DATABASE_URL"], autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _new_database(name: str, template: str = "") -> str:
    given = os.environ["BROADSHEET_DATABASE_URL"]
    template = template or migrated_template(given)
    with psycopg.connect(given, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return urlunsplit(urlsplit(given)._replace(path=f"/{name}"))


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium for all; each test opens a window that knows nothing of the others."""
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is missing: these journeys need Debian's package chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def window(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a page in a fresh window; JavaScript is off and it is a phone unless told otherwise."""
    opened: list[BrowserContext] = []

    def open_window(*, scripts: bool = False, viewport: Any = None, **more: Any) -> Page:
        context = browser.new_context(
            viewport=viewport or PHONE, java_script_enabled=scripts, **more
        )
        context.set_default_timeout(60_000)
        opened.append(context)
        return context.new_page()

    yield open_window
    for context in opened:
        context.close()
