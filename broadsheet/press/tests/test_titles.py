"""A second title in the house: its own nameplate, front, sections, feeds and access."""

import json
import sqlite3
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from lxml import html

from broadsheet.desk import actions as desk
from broadsheet.desk.actions import refresh
from broadsheet.desk.actions.changes import give_address
from broadsheet.desk.models import Article, Redirect, Section, StaticPage, Title
from broadsheet.fronts.models import Front, Slot
from broadsheet.gate.app import Gate
from broadsheet.kit import clock
from broadsheet.press import actions as press
from broadsheet.press import pages
from broadsheet.press.frame import make_frame
from broadsheet.press_log.gathering import gathered
from broadsheet.subscriptions.actions import set_terms
from broadsheet.subscriptions.models import Entitlement, Plan, PlanVersion
from tests.cast import ada, body
from tests.surfaces import status, surfaces, where

pytestmark = pytest.mark.django_db
MARK = "doubloon"
RIGHT = "money_matters"


@pytest.fixture
def money(paper, home):
    """Money Matters, with the section Funds and one called like the paper's own Markets."""
    Entitlement.objects.create(name=RIGHT, title="Money Matters", benefit="Sums, shown.")
    title = Title(slug="money", name="Money Matters", tagline="The sums", tone="plum", access=RIGHT)
    title.full_clean()
    title.save()
    for slug, name in (("funds", "Funds"), ("markets", "Markets")):
        section = Section(title=title, slug=slug, name=name)
        section.full_clean()
        section.save()
    return title


def funds():
    return Section.objects.get(slug="funds")


def report(number=1, section=None, **facts):
    at = clock.now() - timedelta(hours=number)
    article = Article.objects.create(
        headline=f"Bonds pay {number} per cent", standfirst="A summary.", body=body(MARK),
        section=section or funds(), live=True, first_published_at=at, last_published_at=at, **facts,
    )  # fmt: skip
    give_address(article)
    refresh(article)
    return article


def page(path, variant="plain"):
    return html.fromstring(surfaces()[path, variant])


def located(home, path):
    store = sqlite3.connect(home / "pressed.sqlite3")
    try:
        query = "SELECT status, location FROM page WHERE path=?"
        return store.execute(query, (path,)).fetchone()
    finally:
        store.close()


def with_class(found, name, below=""):
    test = f"contains(concat(' ', @class, ' '), ' {name} ')"
    return found.xpath(f"//*[{test}]{below}")


def headlines(path, variant="plain"):
    return [found.text_content() for found in with_class(page(path, variant), "headline", "/a")]


def test_a_title_has_a_front_sections_and_feeds_below_its_prefix(money):
    report(1)
    report(2, Section.objects.get(slug="markets", title=None))
    press.press_everything()
    assert headlines("/money/") == headlines("/money/funds/") == ["Bonds pay 1 per cent"]
    assert headlines("/markets/") == ["Bonds pay 2 per cent"] and not headlines("/money/markets/")
    for feed in ("feed.rss", "feed.atom", "feed.json"):
        for front in ("/money/", "/money/funds/"):
            assert "Bonds pay 1" in surfaces()[front + feed, "plain"]
            assert "Bonds pay 2" not in surfaces()[front + feed, "plain"]
    pages_map = surfaces()["/sitemap-pages.xml", "plain"]
    assert "/money/<" in pages_map and "/money/funds/<" in pages_map


def test_its_pages_carry_its_nameplate_and_lead_back_to_the_paper(money):
    article = report()
    press.press_everything()
    for path, variant in (
        ("/money/", "plain"), ("/money/funds/", "plain"), (article.path, "full"),
        (article.path, "teaser"),
    ):  # fmt: skip
        found = page(path, variant)
        plate = with_class(found, "title-piece", "/a")[0]
        assert (plate.text_content(), plate.get("href")) == ("Money Matters", "/money/")
        assert found.body.get("data-tone") == "plum"
        ways = [link.get("href") for link in with_class(found, "section-nav", "//a")]
        assert ways == ["/money/funds/", "/money/markets/", "/"]
        assert "Money Matters" in found.findtext(".//title")
    own = [link.get("href") for link in with_class(page("/"), "section-nav", "//a")]
    assert own == ["/world/", "/markets/", "/money/"]
    Title.objects.update(told=False)
    press.press_everything()
    assert "/money/" not in [
        link.get("href") for link in with_class(page("/"), "section-nav", "//a")
    ]


def test_machines_are_told_the_title_and_the_paper_that_publishes_it(money):
    article = report()
    press.press_everything()
    said = json.loads(page(article.path, "full").findtext(".//script[@type='application/ld+json']"))
    assert said["publisher"]["name"] == "The Lantern"
    assert said["isPartOf"]["name"] == "Money Matters"
    assert said["isPartOf"]["url"].endswith("/money/")
    trail = said["mainEntityOfPage"]["breadcrumb"]["itemListElement"]
    assert [step["name"] for step in trail] == ["The Lantern", "Money Matters", "Funds"]
    assert trail[2]["item"].endswith("/money/funds/")


def test_its_reports_stand_on_the_papers_front_unless_it_keeps_to_itself(money):
    article = report()
    press.press_everything()
    assert headlines("/") == ["Bonds pay 1 per cent"]
    assert with_class(page("/"), "kicker")[0].text_content().startswith("Money Matters")
    money.on_front = False
    money.save()
    press.catch_up()
    assert not headlines("/")
    assert "Bonds pay" not in surfaces()["/feed.json", "plain"]
    assert headlines("/money/") == ["Bonds pay 1 per cent"]
    assert article.path in surfaces()[f"/sitemap-{article.first_published_at:%Y-%m}.xml", "plain"]


def test_its_front_is_curated_like_the_home_page(money):
    first, pinned = report(1), report(5)
    front = Front.objects.create(title=money)
    Slot.objects.create(front=front, article=pinned, sort_order=1)
    press.press_everything()
    assert headlines("/money/")[0] == "Bonds pay 5 per cent"
    assert first.headline in headlines("/money/")
    front.slots.all().delete()
    front.save()
    press.catch_up()
    assert headlines("/money/")[0] == "Bonds pay 1 per cent"
    with pytest.raises(ValidationError, match="not both"):
        Front(section=funds(), title=money).full_clean()


def test_a_report_is_of_its_own_class_then_its_sections_then_its_titles(money):
    section = funds()
    article = report()
    for own, of_section, of_title, expected in (
        ("", "", RIGHT, RIGHT), ("", "open", RIGHT, "open"), ("premium", "open", RIGHT, "premium"),
        ("", "", "", "metered"), ("", "metered", RIGHT, "metered"), (RIGHT, "", "", RIGHT),
    ):  # fmt: skip
        Title.objects.update(access=of_title)
        Section.objects.filter(pk=section.pk).update(access=of_section)
        Article.objects.update(access=own)
        found = Article.objects.get(pk=article.pk)
        assert found.access_class == expected
        for access in ("open", "metered", "premium", RIGHT):
            assert Article.objects.of_class(access).exists() == (access == expected), expected


def test_a_paid_text_of_a_title_stands_on_its_own_full_page_only(money):
    article = report(access="")
    press.press_everything()
    for path, variant in surfaces():
        text = surfaces()[path, variant]
        assert f"{MARK} crew of paragraph 7" not in text or variant in ("full", "full_no_ads"), path
    assert where(f"{MARK} crew of paragraph 7") == {article.path}


def test_the_wall_of_a_title_names_it_and_sells_what_opens_it(money):
    terms = {"currency": "INR", "unit": "year", "count": 1}
    plain = Plan.objects.create(slug="plain", name="Plain")
    set_terms(plain, PlanVersion(price=90000, entitlements=["unlimited"], **terms))
    full = Plan.objects.create(slug="full", name="With Money")
    set_terms(full, PlanVersion(price=190000, entitlements=["unlimited", RIGHT], **terms))
    press.press_everything()
    wall = Gate(make_home(), b"a key for tests only")._memory._fragments[RIGHT]
    assert "This report is for readers of Money Matters." in wall
    assert "With Money" in wall and "Plain" not in wall
    assert "free articles" not in wall
    full.on_sale = False
    full.save()
    press.press_everything()
    wall = Gate(make_home(), b"a key for tests only")._memory._fragments[RIGHT]
    assert "No plan on sale opens it." in wall


def make_home():
    from django.conf import settings

    return settings.HOME


def test_a_title_that_moves_takes_its_sections_along_and_leaves_redirects(money, home):
    article = report()
    money.slug = "purse"
    money.save()
    press.catch_up()
    assert located(home, "/money/") == (301, "/purse/")
    assert located(home, "/money/funds/") == (301, "/purse/funds/")
    assert status("/purse/") == status("/purse/funds/") == status(article.path) == 200
    assert status("/money/feed.rss") == 0
    assert "/purse/funds/" in surfaces()[article.path, "teaser"]


def test_a_section_that_changes_its_title_moves(money, home):
    article = report(1, Section.objects.get(slug="world"))
    press.press_everything()
    world = Section.objects.get(slug="world")
    world.title = money
    world.save()
    press.catch_up()
    assert located(home, "/world/") == (301, "/money/world/")
    assert headlines("/money/world/") == ["Bonds pay 1 per cent"]
    plate = with_class(page(article.path, "teaser"), "title-piece", "/a")[0].get("href")
    assert plate == "/money/"
    assert article.access_class == "metered", "until it is read again"
    assert Article.objects.get().access_class == RIGHT
    world = Section.objects.get(slug="world")
    world.title = None
    world.save()
    press.catch_up()
    assert located(home, "/money/world/") == (301, "/world/")
    assert status("/world/") == 200


@pytest.mark.parametrize("slug", ["desk", "search", "premium", "world", "about-us", "2026"])
def test_a_prefix_that_is_taken_is_refused(paper, slug):
    StaticPage.objects.create(slug="about-us", title="About", body="<p>We.</p>")
    with pytest.raises(ValidationError):
        Title(slug=slug, name="Money").full_clean()


def test_nothing_else_may_stand_at_a_titles_address(money):
    for taken in (
        Section(slug="money", name="Money"),
        StaticPage(slug="money", title="Money", body="<p>M.</p>"),
        Redirect(path="/money/", to="/world/"),
        Redirect(path="/money/funds/", to="/world/"),
        Section(slug="funds", name="Again", title=money),
        Section(slug="world", name="Again"),
    ):
        with pytest.raises(ValidationError):
            taken.full_clean()
    Section(slug="world", name="World of money", title=money).full_clean()


def test_a_withdrawn_report_leaves_the_titles_front(money):
    article = report()
    press.press_everything()
    desk.withdraw(article, "It was false.", by=ada())
    press.catch_up()
    assert not headlines("/money/") and not headlines("/money/funds/") and not headlines("/")
    assert status(article.path) == 410
    assert where("Bonds pay 1 per cent") == set()
    plate = with_class(page(article.path), "title-piece", "/a")[0].get("href")
    assert plate == "/money/", "the notice stands in the title, too"


def test_an_access_class_that_nobody_sells_is_refused(money):
    with pytest.raises(ValidationError, match="no access class"):
        Title(slug="other", name="Other", access="nonsense").full_clean()
    Title(slug="other", name="Other", access=RIGHT).full_clean()


def test_a_titles_front_costs_the_same_with_many_reports(money):
    def cost():
        frame = make_frame()
        with CaptureQueriesContext(connection) as captured:
            list(pages.title_pages(money, frame))
        return len(captured)

    with gathered():
        for number in range(1, 5):
            report(number)
        few = cost()
        for number in range(5, 15):
            report(number)
    assert cost() <= few <= 12


def test_reports_of_a_title_cost_no_more_than_the_papers(money):
    def cost(article):
        found = Article.objects.for_cards().prefetch_related("notices").get(pk=article.pk)
        frame = make_frame()
        with CaptureQueriesContext(connection) as captured:
            list(pages.article_pages(found, frame))
        return len(captured)

    with gathered():
        ours = report(1, Section.objects.get(slug="world"), access="metered")
        assert cost(report(2, access="metered")) <= cost(ours)
