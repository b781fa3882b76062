"""A time rule turns an article's class: at the gate by itself, on the pages soon after."""

import json
import re

import pytest
import time_machine
from django.core.exceptions import ValidationError

from broadsheet.desk.models import Article, Section, TimeRule
from broadsheet.gate.app import Gate
from broadsheet.gate.tests.asking import Clock, asked
from broadsheet.press import actions as press
from broadsheet.subscriptions.actions import make_entitlements
from broadsheet.subscriptions.models import Entitlement, FreeLimit, MeterPolicy
from tests.cast import body, ninjs, send
from tests.surfaces import surfaces

pytestmark = pytest.mark.django_db
MORNING = "2026-11-20T07:00:00Z"
HOUR = 3600
SECRET = b"a key for tests only"


@pytest.fixture
def day(paper):
    """The clock of the whole paper, at the morning of a day."""
    with time_machine.travel(MORNING, tick=False) as traveller:
        yield traveller


def published(feed, number=1):
    send(feed, ninjs(f"urn:{number}", headline=f"Report{number}", body=body()))
    press.catch_up()
    return Article.objects.get(item__key=f"urn:{number}")


def later(day, hours):
    day.shift(hours * HOUR)
    press.announce_due()
    press.catch_up()


def is_free(path):
    page = surfaces()[path, "full"]
    data = json.loads(re.search(r'ld\+json">(.*?)</script>', page)[1])
    return data["isAccessibleForFree"]


def test_the_first_day_is_free_and_the_page_says_so_until_it_ends(feed, day, home):
    press.announce_due()
    TimeRule.objects.create(name="First day free", access="open", until=24)
    article = published(feed)
    assert is_free(article.path)
    later(day, 23.99)
    assert is_free(article.path)
    later(day, 0.01)
    assert not is_free(article.path)
    article.refresh_from_db()
    assert article.access_class == article.own_access == "metered"


def test_the_gate_does_not_wait_for_the_worker(feed, day, home):
    TimeRule.objects.create(name="First day free", access="open", until=24)
    article = published(feed)
    clock = Clock(article.first_published_at.timestamp() + 24 * HOUR - 1)
    gate = Gate(home, SECRET, clock=clock)
    full = asked(gate, article.path, "HEAD")
    clock.now += 1
    closed = asked(gate, article.path, "HEAD")
    assert (full.status, closed.status) == (200, 200)
    assert int(closed.get("content-length")) < int(full.get("content-length"))


def test_old_reports_go_into_the_archive_for_subscribers(feed, day, home):
    press.announce_due()
    TimeRule.objects.create(name="Archive", access="premium", after=30 * 24)
    article = published(feed)
    assert "Premium reports" not in str(surfaces()[article.path, "teaser"])
    later(day, 30 * 24)
    assert not is_free(article.path)
    assert 'class="premium"' in surfaces()[article.path, "teaser"]
    article.refresh_from_db()
    assert (article.access_class, article.own_access) == ("premium", "metered")


def test_a_rule_that_is_taken_away_turns_everything_back(feed, day, home):
    rule = TimeRule.objects.create(name="All open", access="open")
    article = published(feed)
    assert is_free(article.path)
    rule.delete()
    press.catch_up()
    assert not is_free(article.path)


def test_a_rule_for_a_section_leaves_the_others_alone(feed, day, home):
    markets = Section.objects.get(slug="markets")
    TimeRule.objects.create(name="Markets free", access="open", section=markets)
    article = published(feed)
    assert not is_free(article.path)
    Article.objects.filter(pk=article.pk).update(section=markets)
    press.press_everything()
    assert is_free(article.path)


def test_a_rule_that_ends_before_it_begins_is_refused():
    with pytest.raises(ValidationError, match="Give a later hour"):
        TimeRule(name="Never", access="open", after=5, until=5).full_clean()


def test_another_limit_for_a_section_has_a_wall_with_its_number(paper, home):
    world = Section.objects.get(slug="world")
    FreeLimit.objects.create(kind="anonymous", section=world, limit=1)
    press.press_everything()
    gate = Gate(home, SECRET)
    fragments = gate._memory._fragments
    assert "limit of 1 free article this month." in fragments["limit_anonymous:1"]
    assert "limit of 3 free articles this month." in fragments["limit_anonymous"]
    first = gate._facts.policy.allowances[0]
    assert (first.kind, first.limit, first.sections) == ("anonymous", 1, {world.pk})


@pytest.mark.parametrize(
    ("period", "said", "again"),
    [
        ("month", "3 free articles this month.", "the first of the month"),
        ("week", "3 free articles this week.", "on Monday"),
        ("days", "3 free articles within 10 days.", "counts for 10 days"),
    ],
)
def test_the_wall_names_the_period(paper, home, period, said, again):
    MeterPolicy.objects.update(period=period, days=10)
    press.press_everything()
    fragments = Gate(home, SECRET)._memory._fragments
    assert said in fragments["limit_anonymous"] and again in fragments["limit_anonymous"]
    assert "@reads@ of @limit@" in fragments["count"]


def test_readers_may_be_spared_the_count(paper, home):
    MeterPolicy.objects.update(show_count=False)
    press.press_everything()
    fragments = Gate(home, SECRET)._memory._fragments
    assert fragments["count"] == fragments["count_last"] == ""


@pytest.mark.parametrize(
    "facts",
    [
        {"limit": 3},
        {"kind": "anonymous", "limit": 3},
        {"kind": "anonymous", "entitlement": True, "section": True, "limit": 3},
    ],
)
def test_free_articles_are_for_one_kind_of_reader_and_a_section(paper, facts):
    make_entitlements()
    found = {"entitlement": Entitlement.objects.first(), "section": Section.objects.first()}
    with pytest.raises(ValidationError):
        FreeLimit(**{n: found[n] if v is True else v for n, v in facts.items()}).full_clean()


def test_the_same_readers_have_one_number_in_a_section(paper):
    section = Section.objects.first()
    FreeLimit.objects.create(kind="anonymous", section=section, limit=1)
    with pytest.raises(ValidationError, match="Change that one"):
        FreeLimit(kind="anonymous", section=section, limit=2).full_clean()


def test_asking_to_register_after_more_than_are_free_is_refused(paper):
    policy = MeterPolicy.load()
    policy.register_after = 4
    with pytest.raises(ValidationError, match="Only 3 articles are free"):
        policy.full_clean()


def test_a_time_rule_that_no_calendar_reaches_is_refused_and_stops_nothing(feed, day, home):
    far = TimeRule(name="Far", access="premium", after=1, until=99_999_999)
    with pytest.raises(ValidationError, match="876000"):
        far.full_clean()
    far.save()
    press.announce_due()
    article = published(feed)
    day.shift(HOUR)
    assert press.announce_due() == 1
    press.catch_up()
    article.refresh_from_db()
    assert article.access_class == "premium"


LAST = "The plain crew of paragraph 7"


def feeds():
    pages = surfaces()
    return [page for (path, _), page in pages.items() if path.endswith((".rss", ".atom", ".json"))]


@pytest.mark.parametrize(
    ("own", "facts"),
    [
        ("metered", {"access": "open", "until": 24}),
        ("metered", {"access": "open"}),
        ("open", {"access": "premium", "after": 24}),
        ("open", {"access": "metered", "after": 24, "own_access": "open"}),
    ],
)
def test_feeds_never_hold_the_text_of_what_a_time_rule_closes(feed, day, home, own, facts):
    press.announce_due()
    TimeRule.objects.create(name="Turns", **facts)
    article = published(feed)
    Article.objects.filter(pk=article.pk).update(access=own)
    press.press_everything()
    assert LAST in surfaces()[article.path, "full"]
    assert feeds() and not any(LAST in page for page in feeds())


@pytest.mark.parametrize(
    "facts",
    [
        {"access": "premium", "after": 24, "own_access": "metered"},
        {"access": "registered", "until": 24},
    ],
)
def test_feeds_hold_the_text_of_what_stays_open(feed, day, home, facts):
    press.announce_due()
    TimeRule.objects.create(name="For others, or over", **facts)
    article = published(feed)
    Article.objects.filter(pk=article.pk).update(access="open")
    press.press_everything()
    later(day, 24)
    assert any(LAST in page for page in feeds())


def test_a_teaser_is_one_before_the_turn_as_well(feed, day, home):
    TimeRule.objects.create(name="First day free", access="open", until=24)
    article = published(feed)
    teaser = surfaces()[article.path, "teaser"]
    data = json.loads(re.search(r'ld\+json">(.*?)</script>', teaser)[1])
    assert data["isAccessibleForFree"] is False and data["hasPart"]["cssSelector"] == ".paywall"
    assert "The plain crew of paragraph 0" in teaser and LAST not in teaser
    assert 'content="noarchive"' in teaser
    assert is_free(article.path)
