"""The paper on PostgreSQL: the same three processes, the same flow. Runs in the second CI round."""

import os

import pytest

from tests.e2e.conftest import own_database
from tests.e2e.house import broadsheet, served

DATABASE = os.environ.get("BROADSHEET_DATABASE_URL", "")

pytestmark = pytest.mark.skipif(not DATABASE, reason="no BROADSHEET_DATABASE_URL is given")


@pytest.fixture(scope="module")
def database():
    with own_database("broadsheet_house", template="template1") as address:
        yield address


def test_the_demo_paper_is_made_and_served(tmp_path, database):
    home = tmp_path / "var"
    made = broadsheet(home, "demo", "--no-serve", BROADSHEET_DATABASE_URL=database)
    assert made.returncode == 0, made.stderr
    assert not (home / "paper.sqlite3").exists()
    with served(home, BROADSHEET_DATABASE_URL=database) as house:
        assert house.get("/").text.count("<article") == 30
        assert "Strait ferry" in house.get("/search?q=ferry").text
        fetched = broadsheet(home, "wire", "fetch", BROADSHEET_DATABASE_URL=database)
        assert fetched.returncode == 0, fetched.stdout + fetched.stderr
