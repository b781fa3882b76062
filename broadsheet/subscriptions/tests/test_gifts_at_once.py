"""Two windows, two devices: the quota holds; what is taken back ends in that very request."""

from datetime import timedelta

import pytest

from broadsheet.desk.models import Article
from broadsheet.gate.ended import read_ends
from broadsheet.gate.pressed import open_store, store_path
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.press import actions as press
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import ArticleLink, Grant, LinkPolicy
from tests.at_once import at_once
from tests.cast import ben, ninjs, send

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def reader(paper):
    reader = ben()
    until = clock.now() + timedelta(days=30)
    Grant.objects.create(reader=reader, entitlement="unlimited", valid_until=until)
    return reader


def reports(feed, count):
    for number in range(count):
        send(feed, ninjs(f"urn:quill:{number}", headline=f"Report {number}"))
    return list(Article.objects.order_by("pk"))


def tried(reader, article):
    try:
        return actions.give(reader, article)
    except Refusal:
        return None


def test_eight_windows_give_no_more_than_the_quota(reader, feed):
    LinkPolicy.objects.create(gifts_a_month=3)
    articles = reports(feed, 8)
    given = at_once(*[lambda one=one: tried(reader, one) for one in articles])
    assert sum(link is not None for link in given) == 3
    assert ArticleLink.objects.count() == 3


def test_the_same_article_in_two_windows_is_one_gift(reader, feed):
    (article,) = reports(feed, 1)
    given = at_once(*[lambda: tried(reader, article)] * 4)
    assert len({link.pk for link in given}) == ArticleLink.objects.count() == 1


def test_a_grant_revoked_while_something_is_given_leaves_no_gift_open(reader, feed):
    articles = reports(feed, 4)
    held = Grant.objects.get()

    def revoke():
        held.revoked_at = clock.now()
        held.save()

    at_once(*[lambda one=one: tried(reader, one) for one in articles], revoke)
    assert not ArticleLink.objects.live(clock.now()).exists()


def test_the_gate_is_told_in_the_request_that_takes_back(reader, feed, home):
    (article,) = reports(feed, 1)
    press.catch_up()
    link = actions.give(reader, article)
    actions.take_back(link)
    store = open_store(store_path(home))
    assert read_ends(store)[link.pk] <= clock.now().timestamp()
    store.close()
