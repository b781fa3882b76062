"""Every test run has a home of its own; nothing outside of it is written."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes says on a busy machine nothing about the code.
settings.register_profile("paper", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("paper")
settings.register_profile("fuzz", max_examples=5000)
HOME = Path(tempfile.mkdtemp(prefix="broadsheet-tests-"))
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
os.environ["BROADSHEET_HOME"] = str(HOME)
for name in ("run", "journal", "blobs", "media", "static"):
    (HOME / name).mkdir()


DIFFERING = (
    "broadsheet/archive/", "broadsheet/ledger/tests/test_", "broadsheet/licensing/",
    "broadsheet/press_log/",
    "broadsheet/subscriptions/tests/test_check_ledger.py",
    "broadsheet/subscriptions/tests/test_desk_figures.py",
    "broadsheet/subscriptions/tests/test_figures.py",
    "broadsheet/subscriptions/tests/test_folding.py",
    "broadsheet/subscriptions/tests/test_importing.py",
    "tests/test_main_flow.py",
)  # fmt: skip
"""Sums, searches, locks and long transactions: where one database may answer otherwise."""
LEFT_OUT = (
    "broadsheet/accounts/tests/test_staff_second_factor.py",
    "broadsheet/subscriptions/tests/test_killed_between_steps.py",
    "broadsheet/subscriptions/tests/test_partner_identity.py",
    "tests/test_bad_input.py", "tests/test_german.py",
)  # fmt: skip
"""The kills at every step take a quarter of an hour there (`tests/e2e/test_money_survives.py` kills
on PostgreSQL as well); the others commit for a server's sake and ask nothing that may differ."""


def pytest_xdist_auto_num_workers(config):
    """Half as many again as there are cores: tests wait for databases, sockets and browsers."""
    return max(2, (os.cpu_count() or 1) * 3 // 2)


def pytest_addoption(parser):
    """`--where-databases-differ`, for the second run on another database."""
    parser.addoption("--where-databases-differ", action="store_true")


def pytest_collection_modifyitems(config, items):
    """Keep what commits, and the folders and files of `DIFFERING`, when that is asked for."""
    if config.getoption("--where-databases-differ"):
        dropped = [item for item in items if not _may_differ(config, item)]
        config.hook.pytest_deselected(items=dropped)
        items[:] = [item for item in items if _may_differ(config, item)]


def _may_differ(config, item):
    mark = item.get_closest_marker("django_db")
    commits = bool(mark and mark.kwargs.get("transaction"))
    path = item.path.relative_to(config.rootpath).as_posix()
    return path not in LEFT_OUT and (commits or path.startswith(DIFFERING))


def pytest_configure(config):
    """Passwords are hashed in an instant: their slowness is Django's, and tested there."""
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix):
    """Nobody waits twice for the same migrations."""
    from tests.migrated import remember_migrations

    remember_migrations()


@pytest.fixture
def home(tmp_path, settings):
    """A home folder for this test alone."""
    for name in ("run", "journal", "blobs", "media", "static"):
        (tmp_path / name).mkdir()
    settings.HOME = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path


@pytest.fixture
def paper(db, home):
    """The Lantern, a small paper in Kolkata. Nothing of it is pressed before a test does more."""
    from broadsheet.press_log.gathering import gathered
    from tests.cast import make_paper

    with gathered():
        return make_paper()


@pytest.fixture
def feed(paper, tmp_path):
    """The agency Quill, whose reports publish themselves into the section World."""
    from broadsheet.press_log.gathering import gathered
    from tests.cast import make_feed

    folder = tmp_path / "quill"
    folder.mkdir()
    with gathered():
        return make_feed(folder)
