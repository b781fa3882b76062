"""Raw documents are kept for so many days, and whatever is still needed for longer."""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from broadsheet.wire import actions
from broadsheet.wire.models import Fetch, Outcome, Version
from broadsheet.wire.tests.faults import feed_at, rss
from broadsheet.wire.transports.base import Arrival

pytestmark = pytest.mark.django_db
OLD = timedelta(days=31)


@pytest.fixture
def quill(paper, settings):
    settings.ENV = replace(settings.ENV, wire_keep_days=30)
    return feed_at("quill", "https://quill.example/rss")


def arrived(feed, data, age=OLD):
    at = datetime.now(UTC) - age
    fetch = actions.take_arrival(feed, Arrival("rss", data, None, None, at))
    os.utime(actions.blobs().path(fetch.blob), (at.timestamp(), at.timestamp()))
    return fetch


def forgotten(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        return actions.forget_old()


def is_there(fetch):
    return actions.blobs().path(fetch.blob).exists()


def test_an_old_document_goes_and_its_line_and_versions_stay(
    quill, django_capture_on_commit_callbacks
):
    old = arrived(quill, rss("a"))
    assert forgotten(django_capture_on_commit_callbacks) == 1
    assert not is_there(old)
    assert Fetch.objects.get().blob == ""
    assert Version.objects.get().fetch == old


def test_a_younger_one_stays(quill, django_capture_on_commit_callbacks):
    young = arrived(quill, rss("a"), timedelta(days=29))
    assert forgotten(django_capture_on_commit_callbacks) == 0
    assert is_there(young)


def test_the_same_bytes_that_came_again_stay(quill, django_capture_on_commit_callbacks):
    old = arrived(quill, rss("a"))
    arrived(quill, rss("a"), timedelta(days=1))
    assert forgotten(django_capture_on_commit_callbacks) == 0
    assert is_there(old)


def test_what_waits_in_quarantine_stays_until_it_was_read(
    quill, django_capture_on_commit_callbacks
):
    waiting = arrived(quill, b"<html>Log in</html>")
    assert forgotten(django_capture_on_commit_callbacks) == 0
    assert is_there(waiting)
    actions.replay(Fetch.objects.get())
    assert forgotten(django_capture_on_commit_callbacks) == 1


def test_bytes_put_again_this_very_hour_stay(quill, django_capture_on_commit_callbacks):
    old = arrived(quill, rss("a"))
    actions.blobs().put(rss("a"))
    forgotten(django_capture_on_commit_callbacks)
    assert is_there(old)


def test_lines_without_a_document_go_after_ninety_days(quill, django_capture_on_commit_callbacks):
    for days in (89, 91):
        at = datetime.now(UTC) - timedelta(days=days)
        Fetch.objects.create(feed=quill, name="x", outcome=Outcome.UNCHANGED, at=at)
        Fetch.objects.create(feed=quill, name="x", outcome=Outcome.TAKEN, at=at)
    forgotten(django_capture_on_commit_callbacks)
    assert Fetch.objects.filter(outcome=Outcome.UNCHANGED).count() == 1
    assert Fetch.objects.filter(outcome=Outcome.TAKEN).count() == 2
