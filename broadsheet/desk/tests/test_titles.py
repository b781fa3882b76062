"""Titles in the desk: made, edited, given to sections, and a right as the access of reports."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from broadsheet.accounts.actions import make_staff
from broadsheet.accounts.models import User
from broadsheet.desk.models import Article, Redirect, Rule, Section, SectionRight, TimeRule, Title
from broadsheet.desk.reads.rights import may
from broadsheet.desk.reads.routing import section_by_category
from broadsheet.desk.tests.test_article_form import errors, opened, post, url
from broadsheet.fronts.models import Front
from broadsheet.subscriptions.models import Entitlement
from tests.cast import PASSWORD, ada, ninjs, send

pytestmark = pytest.mark.django_db
RIGHT = "money_matters"


@pytest.fixture
def money(paper):
    Entitlement.objects.create(name=RIGHT, title="Money Matters")
    Entitlement.objects.create(name="ad_free", title="No advertising")
    made = Title.objects.create(slug="money", name="Money Matters", access=RIGHT)
    Section.objects.create(title=made, slug="funds", name="Funds")
    return made


@pytest.fixture
def client(paper):
    """The publisher's."""
    make_staff("pia@lantern.example", PASSWORD, publisher=True, name="Pia")
    made = Client(headers={"x-forwarded-for": "127.0.0.1"})
    made.editor = User.objects.get(email="pia@lantern.example")
    made.force_login(made.editor, "allauth.account.auth_backends.AuthenticationBackend")
    return made


def fields(**facts):
    return {
        "name": "Money Matters", "slug": "money", "nameplate": "", "tagline": "", "tone": "",
        "description": "", "access": "", "told": "on", "order": "100",
    } | facts  # fmt: skip


def test_the_publisher_makes_a_title_and_moves_it(client):
    Entitlement.objects.create(name=RIGHT, title="Money Matters")
    refused = client.post(reverse("titles:add"), fields(slug="world"))
    assert "A section has this address already." in refused.text
    assert client.post(reverse("titles:add"), fields(access=RIGHT)).status_code == 302
    made = Title.objects.get()
    assert (made.access, made.told, made.on_front) == (RIGHT, True, False)
    at = reverse("titles:edit", args=[made.pk])
    assert f'value="{RIGHT}" selected' in client.get(at).text
    assert client.post(at, fields(slug="purse", access="nonsense")).status_code == 200
    assert client.post(at, fields(slug="purse", on_front="on")).status_code == 302
    made.refresh_from_db()
    assert (made.slug, made.access, made.on_front) == ("purse", "", True)
    assert Redirect.objects.get(path="/money/").to == "/purse/"
    assert "Money Matters" in client.get(reverse("titles:index")).text


def test_a_section_is_given_to_a_title(client, money):
    world = Section.objects.get(slug="world")
    facts = {
        "title": money.pk, "name": "World", "slug": "world", "description": "", "order": 1,
        "access": "",
    }  # fmt: skip
    at = reverse("sections:edit", args=[world.pk])
    assert client.post(at, facts).status_code == 302
    world = Section.objects.get(slug="world")
    assert (world.path, world.reports_access) == ("/money/world/", RIGHT)
    listed = client.get(reverse("sections:index")).text
    assert "/money/world/" in listed and RIGHT in listed
    clash = facts | {"slug": "funds"}
    assert client.post(at, clash).status_code == 200


def test_a_title_with_sections_stays(client, money):
    client.post(reverse("titles:delete", args=[money.pk]))
    assert Title.objects.filter(pk=money.pk).exists()


def test_the_editor_of_a_report_offers_what_is_sold_and_takes_nothing_else(client, money):
    article = Article(headline="Ours", body="<p>T.</p>", section=Section.objects.first())
    article.save()
    article.save_revision().publish()
    form = client.get(url(article)).text
    assert f'<option value="{RIGHT}">Money Matters</option>' in form
    assert 'value="ad_free"' not in form
    refused = post(client, article, opened(client, url(article)) | {"access": "nonsense"})
    assert "access" in errors(refused)
    post(client, article, opened(client, url(article)) | {"access": RIGHT})
    assert Article.objects.get().access_class == RIGHT


def test_reports_are_listed_by_title_and_by_class(client, money):
    for headline, section in (("Of the paper", "world"), ("Of the title", "funds")):
        made = Article(
            headline=headline, body="<p>T.</p>", section=Section.objects.get(slug=section)
        )
        made.save()
        made.save_revision().publish()
    Article.objects.filter(headline="Of the paper").update(access="premium")
    at = reverse("wagtailsnippets_desk_article:list")
    for query, found, other in (
        (f"title={money.pk}", "Of the title", "Of the paper"),
        ("title=null", "Of the paper", "Of the title"),
        ("access=premium", "Of the paper", "Of the title"),
    ):
        listed = client.get(f"{at}?{query}").text
        assert found in listed and other not in listed, query


def test_a_list_costs_the_same_with_many_titles(client, money):
    def cost(name):
        client.get(reverse(name))
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse(name)).status_code == 200
        return len(captured)

    screens = ("titles:index", "sections:index", "time_rules:index", "section_rights:index")
    screens += ("wagtailsnippets_desk_article:list", "wagtailsnippets_fronts_front:list")

    def fill(numbers):
        for number in numbers:
            title = Title.objects.create(slug=f"title{number}", name=f"T{number}", access=RIGHT)
            section = Section.objects.create(title=title, slug="funds", name="Funds")
            TimeRule.objects.create(name="t", section=section, own_access=RIGHT, access="open")
            Front.objects.create(title=title)
            SectionRight.objects.create(section=section, group=Group.objects.get(name="Editors"))
            Article.objects.create(headline=f"R{number}", section=section)

    fill(range(2))
    few = {name: cost(name) for name in screens}
    fill(range(2, 6))
    more = {name: cost(name) for name in screens}
    assert {name: n for name, n in more.items() if n > few[name]} == {}


def test_rights_by_section_hold_in_a_titles_section(money):
    user = ada()
    funds = Section.objects.get(slug="funds")
    SectionRight.objects.create(group=user.groups.get(), section=funds)
    user = User.objects.get(pk=user.pk)
    assert may(user, "publish", funds.pk)
    assert not may(user, "publish", Section.objects.get(slug="world").pk)
    assert str(SectionRight.objects.get()).endswith("Money Matters: Funds")


def test_a_rule_may_leave_the_access_to_the_section(feed, money):
    funds = Section.objects.get(slug="funds")
    Rule.objects.update(section=funds, access="")
    send(feed, ninjs())
    assert Article.objects.get().access_class == RIGHT


def test_a_category_means_the_papers_section_before_a_titles(money):
    Section.objects.create(title=money, slug="world", name="World", order=0)
    found = section_by_category(["World"], Section.objects.all())
    assert found.title is None
    assert section_by_category(["Funds"], Section.objects.all()).title == money


def test_a_right_that_closes_something_stays(client, money):
    right = Entitlement.objects.get(name=RIGHT)
    at = reverse("entitlements:delete", args=[right.pk])
    assert "need this" in client.post(at, follow=True).text
    Title.objects.update(access="")
    client.post(at)
    assert not Entitlement.objects.filter(pk=right.pk).exists()
