"""A setting is read once in a request, is fresh in the next one, and follows what is saved."""

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext

from broadsheet.accounts.models import ReaderPolicy
from broadsheet.look.settings import SettingsReadOnce


def within_a_request(done):
    """What `done` returns, called while a request is answered."""
    found = []

    def answer(request):
        found.append(done())
        return HttpResponse()

    SettingsReadOnce(answer)(None)
    return found[0]


def days():
    return ReaderPolicy.current().history_days


def test_a_request_asks_once_for_a_row_and_once_for_none(db):
    for _ in range(2):
        with CaptureQueriesContext(connection) as met:
            assert within_a_request(lambda: [days(), days()]) == [365, 365]
        assert len(met) == 1
        ReaderPolicy.objects.get_or_create(pk=1)


def test_the_next_request_sees_what_another_process_wrote(db):
    ReaderPolicy.objects.create(history_days=9)
    assert within_a_request(days) == 9
    ReaderPolicy.objects.update(history_days=8)
    assert within_a_request(days) == 8


def test_what_a_request_saves_it_goes_by(db):
    def change():
        before = days()
        ReaderPolicy.objects.update_or_create(pk=1, defaults={"history_days": 7})
        return before, days()

    assert within_a_request(change) == (365, 7)


def test_outside_a_request_and_after_one_that_failed_nothing_is_kept(db):
    def fail():
        days()
        raise ValueError

    with pytest.raises(ValueError):
        within_a_request(fail)
    ReaderPolicy.objects.create(history_days=5)
    assert days() == 5
    ReaderPolicy.objects.update(history_days=4)
    assert days() == 4
