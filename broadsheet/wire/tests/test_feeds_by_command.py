"""Feeds on the command line, and what the doctor says of them."""

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from broadsheet.config import doctor
from broadsheet.config.cli import main
from broadsheet.wire.models import Feed
from broadsheet.wire.tests.faults import feed_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def secrets(paper, settings):
    settings.ENV = replace(settings.ENV, wire_secrets="quill = s3cret")


def add(*options):
    return main(["wire", "add", "quill", "https://quill.example/rss?key=hidden", *options])


def test_a_feed_that_signs_in_is_added_by_the_name_of_its_secret(secrets, capsys):
    assert add("--auth", "basic:desk", "--secret", "quill") == 0
    feed = Feed.objects.get()
    assert (feed.auth, feed.auth_name, feed.secret) == ("basic", "desk", "quill")
    main(["wire", "list"])
    said = capsys.readouterr().out
    assert "s3cret" not in said
    assert "hidden" not in said


@pytest.mark.parametrize(
    "options",
    [
        ["--auth", "basic:desk"],
        ["--secret", "quill"],
        ["--auth", "kerberos", "--secret", "quill"],
        ["--auth", "basic", "--secret", "quill"],
        ["--auth", "header:Host", "--secret", "quill"],
        ["--auth", "bearer", "--secret", "unknown"],
    ],
)
def test_half_a_sign_in_is_refused_and_adds_nothing(secrets, capsys, options):
    assert add(*options) == 2
    assert not Feed.objects.exists()


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"failures": 3, "problem": "It is silent."}, "failed 3 times in a row: It is silent."),
        ({"quiet_since": datetime.now(UTC)}, "strangely quiet"),
        ({"active": False, "problem": "It answered 410."}, "is paused: It answered 410."),
        ({"moved_to": "https://new.example/", "moved_seen": 3,
          "moved_since": datetime.now(UTC) - timedelta(days=2)}, "moved to https://new.example/"),
        ({"auth": "bearer", "secret": "unset"}, "'unset', which is not set"),
    ],
)  # fmt: skip
def test_the_doctor_tells_what_is_wrong_with_a_feed(paper, facts, words):
    feed_at("quill", "https://quill.example/rss")
    Feed.objects.update(**facts)
    said = io.StringIO()
    assert doctor.examine(said) == 1
    assert words in said.getvalue()
