"""Whoever comes back stays signed in; whoever edits the paper signs in sooner again."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache

from broadsheet.accounts.tests.doors import LOGIN, browser, fill
from broadsheet.gate.passes import gate_token
from tests.cast import PASSWORD, ada, ben

DAY = timedelta(days=1)


@pytest.fixture
def days(paper):
    with time_machine.travel("2026-06-01T10:00:00+00:00", tick=False) as traveller:
        yield lambda number: traveller.shift(number * DAY)


def came(user):
    client = browser()
    fill(client, client.get(LOGIN), "login", login=user.email, password=PASSWORD)
    return client


def is_in(client, page="/account/"):
    return client.get(page).status_code == 200


@pytest.mark.django_db
def test_a_reader_who_comes_back_is_never_signed_out(days):
    client = came(ben())
    for _ in range(6):
        days(59)
        assert is_in(client)
    days(61)
    assert not is_in(client)


@pytest.mark.django_db
def test_reading_through_the_gate_is_coming_back(days):
    client = came(ben())
    token = {"x-broadsheet-gate": gate_token(settings.SECRET_KEY.encode())}
    for _ in range(6):
        days(59)
        assert client.get("/-/pass", headers=token).status_code == 200
    assert is_in(client)


@pytest.mark.django_db
def test_the_desk_is_left_sooner(days):
    client = came(ada())
    for _ in range(4):
        days(13)
        assert is_in(client, "/desk/")
    days(15)
    assert not is_in(client, "/desk/")


@pytest.mark.django_db
def test_the_cookie_outlives_the_session_and_says_nothing_of_it(days):
    client = came(ben())
    assert client.cookies["session"]["max-age"] == 400 * 24 * 3600


@pytest.mark.django_db
def test_a_session_that_was_ended_stays_ended(days):
    client = came(ben())
    session = client.session
    session.delete()
    session.go_on()
    assert not is_in(client)


def test_attempts_are_not_forgotten_for_want_of_room():
    cache.set("attempts", 19, 3600)
    for number in range(5_000):
        cache.set(f"another.{number}", 1, 300)
    assert cache.get("attempts") == 19
    cache.clear()
