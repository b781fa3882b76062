"""Which report stands where: pinned ones first, the rest by value and time, each once."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.desk.models import Article, Section
from broadsheet.fronts import reads
from broadsheet.fronts.models import Front, Slot
from broadsheet.fronts.rules import arrange, weight
from broadsheet.look.parts import CardView, LinkView
from broadsheet.press import actions as press
from tests.cast import ninjs, send
from tests.surfaces import surfaces

ZONE = ZoneInfo("Asia/Kolkata")
START = datetime(2026, 11, 20, 6, tzinfo=UTC)


def card(number, value=3):
    return CardView(
        id=number, url=f"/{number}", headline=str(number), kicker="", standfirst="",
        section=LinkView("World", "/world/"), byline="", agency="",
        published=START + timedelta(minutes=number), access="open", news_value=value, picture=None,
    )  # fmt: skip


CARDS = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 5)), unique_by=lambda c: c[0]).map(
    lambda pairs: [card(*pair) for pair in pairs]
)


@given(cards=CARDS, pins=st.integers(0, 6))
def test_every_card_stands_exactly_once(cards, pins):
    plan = arrange(cards[:pins], cards[pins:])
    assert sorted(c.id for c in plan.all) == sorted(c.id for c in cards)


@given(cards=CARDS, pins=st.integers(0, 6))
def test_pins_stand_in_their_order_before_the_rest(cards, pins):
    pinned = cards[:pins]
    plan = arrange(pinned, cards[pins:])
    order = [c.id for c in plan.all]
    assert order[: min(pins, 4)] == [c.id for c in pinned[:4]]
    assert [n for n in order if n in {c.id for c in pinned}] == [c.id for c in pinned]


@given(cards=CARDS.filter(bool))
def test_the_weightiest_leads(cards):
    assert weight(arrange([], cards).lead) == max(weight(c) for c in cards)


def send_many(feed, count):
    for number in range(count):
        send(feed, ninjs(f"urn:{number}", headline=f"Report{number}"))


def home():
    return reads.home(datetime.now(UTC), ZONE)


@pytest.mark.django_db
def test_home_shows_the_newest_thirty_each_as_one_article_with_its_link(feed):
    send_many(feed, 33)
    press.press_everything()
    page = surfaces()["/", "plain"]
    assert page.count("<article") == 30
    for article in Article.objects.newest()[:30]:
        assert page.count(f'class="headline"><a href="{article.path}">') == 1
    for article in Article.objects.newest()[30:]:
        assert f'"{article.path}"' not in page


@pytest.mark.django_db
def test_a_pinned_report_leads_however_old_until_its_time_is_over(feed):
    send_many(feed, 32)
    oldest = Article.objects.order_by("pk").first()
    front = Front.objects.create()
    until = datetime.now(UTC) + timedelta(hours=1)
    Slot.objects.create(front=front, article=oldest, until=until, sort_order=0)
    assert home().lead.id == oldest.pk
    assert len(home().cards) == 30
    assert reads.home(until, ZONE).lead.id != oldest.pk


@pytest.mark.django_db
def test_a_pinned_report_that_is_not_visible_leaves_its_place(feed):
    send_many(feed, 3)
    front = Front.objects.create()
    first = Article.objects.first()
    Slot.objects.create(front=front, article=first, sort_order=0)
    Article.objects.filter(pk=first.pk).update(held=True)
    assert first.pk not in {c.id for c in home().cards}


@pytest.mark.django_db
def test_a_report_pinned_twice_stands_once(feed):
    send_many(feed, 3)
    front = Front.objects.create()
    for order in (0, 1):
        Slot.objects.create(front=front, article=Article.objects.first(), sort_order=order)
    numbers = [c.id for c in home().cards]
    assert len(numbers) == len(set(numbers)) == 3


@pytest.mark.django_db
def test_a_sections_front_has_pins_of_its_own(feed):
    send_many(feed, 4)
    world = Section.objects.get(slug="world")
    oldest = Article.objects.order_by("pk").first()
    Slot.objects.create(front=Front.objects.create(section=world), article=oldest, sort_order=0)
    now = datetime.now(UTC)
    assert reads.section_cards(world, now, ZONE)[0].id == oldest.pk
    assert home().lead.id != oldest.pk


@pytest.mark.django_db
def test_an_empty_paper_has_a_front(paper):
    press.press_everything()
    assert surfaces()["/", "plain"].count("<article") == 0
    assert home().lead is None
