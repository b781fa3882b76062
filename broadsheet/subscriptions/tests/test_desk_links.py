"""Links that staff share: who may make one, for how long, and who takes it back."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from broadsheet.accounts.actions import EDITORS
from broadsheet.accounts.models import User
from broadsheet.desk.models import Section, SectionRight
from broadsheet.gate import links as gate
from broadsheet.kit import clock
from broadsheet.press_log.models import Entry, Subject
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.links import address_of
from broadsheet.subscriptions.models import ArticleLink, LinkPolicy
from broadsheet.subscriptions.tests.desk_cast import at_desk, clerk, page, publisher, queries, said
from tests.cast import ada, ben, ninjs, send, the_article

pytestmark = pytest.mark.django_db

SOON = clock.now() + timedelta(days=1)
REFUSED = (302, 403)
"""Wagtail sends whoever may not open a screen back to the desk."""


@pytest.fixture
def article(feed):
    send(feed, ninjs())
    return the_article()


@pytest.fixture
def screen(article):
    return reverse("article_links", args=[article.pk])


def test_an_editor_makes_a_link_and_sees_it(article, screen, settings):
    client = at_desk(ada())
    assert 'value="7"' in page(client, screen)
    answer = client.post(screen, {"days": 3, "note": "for the jury"}, follow=True)
    link = ArticleLink.objects.get()
    shown = answer.content.decode()
    assert address_of(link) in shown
    assert "for the jury" in shown
    lasts = link.expires_at - link.made_at
    assert timedelta(days=3, seconds=-1) < lasts <= timedelta(days=3)
    key = gate.link_key(settings.SECRET_KEY.encode())
    told = gate.link_in(address_of(link).partition("?")[2], key)
    assert (told.kind, told.most, told.right) == ("share", 0, gate.ANY_RIGHT)


def test_the_publisher_says_how_long_links_last(article, screen):
    LinkPolicy.objects.create(share_days=2)
    assert 'value="2"' in page(at_desk(ada()), screen)


@pytest.mark.parametrize("days", ["0", "31", "", "x", "-1"])
def test_no_link_lasts_longer_than_a_month(article, screen, days):
    answer = at_desk(ada()).post(screen, {"days": days})
    assert answer.status_code == 200
    assert not ArticleLink.objects.exists()


def test_its_maker_takes_it_back(article, screen):
    editor = ada()
    client, link = at_desk(editor), actions.share(article, 7, by=editor)
    answer = client.post(reverse("take_link_back", args=[link.pk]), follow=True)
    assert "taken back" in said(answer)
    assert address_of(link) not in answer.content.decode()
    link.refresh_from_db()
    assert link.ends_at <= clock.now()
    assert Entry.objects.filter(subject=Subject.LINK, ref=str(link.pk)).count() == 1


def test_what_others_shared_is_taken_back_by_right(article, screen):
    link = actions.share(article, 7, by=ada())
    other = clerk("subscriptions.share_article", "desk.change_article")
    assert "Take back" not in page(other, screen)
    back = reverse("take_link_back", args=[link.pk])
    other.post(back)
    assert ArticleLink.objects.live(clock.now()).exists()
    right = Permission.objects.get(codename="end_link", content_type__app_label="subscriptions")
    carl = User.objects.get(email="carl@lantern.example")
    carl.user_permissions.add(right)
    assert "Take back" in page(at_desk(carl), screen)
    at_desk(carl).post(back)
    assert not ArticleLink.objects.live(clock.now()).exists()


def test_a_gift_of_a_reader_is_not_the_desks_to_end(article):
    gift = ArticleLink.objects.create(
        kind=ArticleLink.GIFT, article=article, maker=ben(), expires_at=SOON, ends_at=SOON
    )
    assert publisher().post(reverse("take_link_back", args=[gift.pk])).status_code == 404


def test_who_may_not_share_finds_no_way_to_it(article, screen):
    edit = reverse("wagtailsnippets_desk_article:edit", args=[article.pk])
    assert screen in page(at_desk(ada()), edit)
    Group.objects.get(name=EDITORS).permissions.remove(
        Permission.objects.get(codename="share_article")
    )
    client = at_desk(User.objects.get(email="ada@lantern.example"))
    assert screen not in page(client, edit)
    for answer in (client.get(screen), client.post(screen, {"days": 1})):
        assert answer.status_code in REFUSED
    assert at_desk(ben()).get(screen).status_code in REFUSED
    assert not ArticleLink.objects.exists()


def test_an_editor_of_another_section_shares_nothing_of_this_one(article, screen):
    editors, markets = Group.objects.get(name=EDITORS), Section.objects.get(slug="markets")
    SectionRight.objects.create(group=editors, section=markets, change=True)
    client = at_desk(ada())
    assert client.get(screen).status_code in REFUSED
    client.post(screen, {"days": 1})
    assert not ArticleLink.objects.exists()


def test_a_draft_is_not_shared(article, screen):
    article.write(path=None)
    answer = at_desk(ada()).post(screen, {"days": 1}, follow=True)
    assert "no address yet" in said(answer)
    assert not ArticleLink.objects.exists()


def test_the_screen_asks_as_often_for_many_links_as_for_one(article, screen):
    editor = ada()
    client = at_desk(editor)
    actions.share(article, 7, by=editor)
    one = queries(client, screen)
    for _ in range(5):
        actions.share(article, 7, by=editor)
    assert queries(client, screen) == one


def test_what_is_given_away_is_the_publishers(paper):
    settings = reverse("wagtailsettings:edit", args=("subscriptions", "linkpolicy"))
    assert publisher().get(settings, follow=True).status_code == 200
    assert at_desk(ada()).get(settings).status_code in REFUSED


def test_the_rights_can_be_granted_to_groups(paper):
    form = page(publisher(), reverse("wagtailusers_groups:add"))
    assert "Can share an article by a link that opens it" in form
    assert "Can take back links that others shared" in form
