"""A wall promises of an account only what it gives, and names no limit where nothing is free."""

import pytest
from django.core.exceptions import ValidationError

from broadsheet.desk.models import Section
from broadsheet.gate.app import Gate
from broadsheet.press import actions as press
from broadsheet.subscriptions.models import FreeLimit, MeterPolicy

pytestmark = pytest.mark.django_db
SIGNUP = "/accounts/signup/"
GIVES = "A free account gives you"


def walls(home):
    press.press_everything()
    return Gate(home, b"a key for tests only")._memory._fragments


def limit(kind, number, slug="world"):
    section = Section.objects.get(slug=slug)
    FreeLimit.objects.create(kind=kind, section=section, limit=number)


def test_an_account_is_offered_only_where_it_gives_more(paper, home):
    limit("anonymous", 10)
    found = walls(home)
    assert f"{GIVES} 5 articles" in found["limit_anonymous"]
    assert SIGNUP not in found["limit_anonymous:10"] and GIVES not in found["limit_anonymous:10"]


def test_a_wall_tells_the_number_of_its_sections(paper, home):
    limit("anonymous", 10)
    limit("registered", 12)
    found = walls(home)
    assert f"{GIVES} 12 articles" in found["limit_anonymous:10"]
    limit("anonymous", 10, "markets")
    assert SIGNUP not in walls(home)["limit_anonymous:10"], "in one of them it gives but 5"


def test_an_account_without_a_limit_is_offered_without_a_number(paper, home):
    limit("anonymous", 10)
    limit("registered", None)
    found = walls(home)["limit_anonymous:10"]
    assert SIGNUP in found and GIVES not in found


def test_nothing_free_is_no_limit_that_was_reached(paper, home):
    MeterPolicy.objects.update(free_anonymous=0, free_registered=0)
    found = walls(home)
    for name in ("limit_anonymous", "limit_anonymous:0", "limit_registered:0"):
        assert "This report is for subscribers." in found[name]
        assert "limit of 0" not in found[name] and "starts again" not in found[name]
        assert SIGNUP not in found[name]
    assert GIVES not in found["register"]
    MeterPolicy.objects.update(free_registered=5)
    closed = walls(home)["limit_anonymous:0"]
    assert "This report is for registered readers." in closed and f"{GIVES} 5" in closed


def test_an_account_that_closes_what_was_promised_is_refused(paper, home):
    policy = MeterPolicy.load()
    policy.register_after = policy.free_registered = 2
    with pytest.raises(ValidationError, match="an account must give more"):
        policy.full_clean()
    policy.save()
    assert GIVES not in walls(home)["register_more"]
    policy.free_registered = 3
    policy.full_clean()
    policy.save()
    assert f"{GIVES} 3" in walls(home)["register_more"]
    limit("registered", 2)
    with pytest.raises(ValidationError, match="an account must give more"):
        policy.full_clean()


def test_a_wall_of_a_right_is_pressed_for_who_is_signed_in_too(paper, home):
    found = walls(home)
    assert "/accounts/login/" in found["premium"]
    assert "/accounts/login/" not in found["premium+account"]
    assert 'href="/account/"' in found["premium+account"]


def test_nor_may_a_section_give_an_account_less(paper):
    MeterPolicy.objects.update_or_create(pk=MeterPolicy.load().pk, defaults={"register_after": 2})
    section = Section.objects.get(slug="world")
    with pytest.raises(ValidationError, match="an account must give more"):
        FreeLimit(kind="registered", section=section, limit=2).full_clean()
    FreeLimit(kind="registered", section=section, limit=3).full_clean()
