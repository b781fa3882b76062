"""Pressing asks the database as often for many reports as for few."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from broadsheet.desk.models import Article, Section
from broadsheet.press import actions as press
from broadsheet.press import pages, premium
from broadsheet.press.frame import make_frame
from tests.cast import ninjs, send
from tests.picture_cast import photo

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_renditions_of_other_tests():
    """Wagtail keeps renditions in a cache that outlives the test's transaction."""
    cache.clear()


def pictured(feed, numbers):
    for number in numbers:
        send(feed, ninjs(f"urn:{number}", headline=f"Report {number}", standfirst="A summary."))
        Article.objects.filter(item__key=f"urn:{number}").update(picture=photo(f"p{number}"))


def queries(work):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        work()
    return len(captured)


def front(build):
    frame = make_frame()
    return lambda: list(build(frame))


@pytest.mark.parametrize("build", ["home", "section", "premium"])
def test_a_front_costs_the_same_with_many_reports(feed, build):
    section = Section.objects.get(slug="world")
    made = {
        "home": pages.home_pages,
        "section": lambda frame: pages.section_pages(section, frame),
        "premium": lambda frame: premium.overview(frame, premium.known_days(frame)),
    }[build]
    pictured(feed, range(6))
    Article.objects.update(access="premium")
    few = queries(front(made))
    pictured(feed, range(6, 16))
    Article.objects.update(access="premium")
    assert queries(front(made)) <= few
    assert few <= 12


def test_pressing_what_changed_costs_the_same_for_each_report(feed, home):
    """The surfaces they share are pressed once for a chunk, whatever the size of the paper."""

    def cost(numbers):
        for number in numbers:
            send(feed, ninjs(f"urn:{number}", version=2, headline=f"Report {number} again"))
        return queries(press.catch_up)

    pictured(feed, range(8))
    press.press_everything()
    one, four = cost([0]), cost([1, 2, 3, 4])
    each = (four - one) / 3
    pictured(feed, range(8, 20))
    press.press_everything()
    more, many = cost([8]), cost([9, 10, 11, 12])
    assert more <= one + 2
    assert (many - more) / 3 <= each + 1


def test_an_article_costs_few_queries_however_many_stand_beside_it(feed):
    pictured(feed, range(6))
    frame = make_frame()

    def pressed():
        article = Article.objects.for_cards().prefetch_related("notices").first()
        list(pages.article_pages(article, frame))

    few = queries(pressed)
    pictured(feed, range(6, 16))
    assert queries(pressed) <= few
    assert few <= 16
