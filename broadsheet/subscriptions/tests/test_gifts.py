"""Giving an article: only what the giver may read, within the quota, as long as the right lasts."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.db import transaction

from broadsheet.accounts.models import User
from broadsheet.desk.models import TimeRule
from broadsheet.gate import links as gate
from broadsheet.gate.ended import read_ends
from broadsheet.gate.journal import Journal, Record
from broadsheet.gate.pressed import open_store, store_path
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.press import actions as press
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.links import address_of, newsletter_address
from broadsheet.subscriptions.models import ArticleLink, Grant, LinkPolicy
from broadsheet.subscriptions.reads import links as reads
from broadsheet.subscriptions.tests.conftest import buy
from broadsheet.subscriptions.tests.desk_cast import at_desk, page
from tests.cast import ben, ninjs, send, the_article

pytestmark = pytest.mark.django_db


@pytest.fixture
def article(feed):
    """A metered report of the wire."""
    send(feed, ninjs())
    return the_article()


@pytest.fixture
def reader(paper):
    """Ben, who has everything for a month."""
    return ben()


def grant(reader, right="unlimited", days=30, **facts):
    until = clock.now() + timedelta(days=days)
    return Grant.objects.create(reader=reader, entitlement=right, valid_until=until, **facts)


def ends_pressed(home: Path) -> dict[int, float]:
    press.catch_up()
    store = open_store(store_path(home))
    try:
        return read_ends(store)
    finally:
        store.close()


def token_of(link: ArticleLink, settings) -> gate.Link:
    query = address_of(link).partition("?")[2]
    found = gate.link_in(query, gate.link_key(settings.SECRET_KEY.encode()))
    assert found is not None
    return found


def test_a_gift_says_what_it_may_do(reader, article, settings):
    grant(reader)
    link = actions.give(reader, article)
    told = token_of(link, settings)
    assert (told.kind, told.number, told.article) == ("gift", link.pk, article.pk)
    assert (told.right, told.most, told.reader) == ("unlimited", 10, 0)
    assert told.until == int(link.expires_at.timestamp())
    lasts = link.expires_at - link.made_at
    assert timedelta(days=14, seconds=-1) < lasts <= timedelta(days=14)
    assert address_of(link).startswith(f"http://localhost:8000{article.path}?link=g")
    assert str(reader.pk) not in told.text.split(".")[4:6]


@pytest.mark.parametrize(
    ("access", "rights", "lent"),
    [
        ("metered", ["unlimited"], "unlimited"),
        ("registered", ["unlimited", "premium"], "unlimited"),
        ("premium", ["unlimited", "premium"], "premium"),
        ("premium", ["unlimited"], None),
        ("metered", ["premium"], None),
        ("metered", [], None),
        ("registered", [], None),
        ("archive", ["archive"], "archive"),
        ("open", ["unlimited"], None),
    ],
)  # fmt: skip
def test_only_what_the_giver_may_read_is_given(reader, article, access, rights, lent):
    article.write(access=access)
    for right in rights:
        grant(reader, right)
    if lent is None:
        with pytest.raises(Refusal):
            actions.give(reader, article)
        assert not ArticleLink.objects.exists()
    else:
        assert actions.give(reader, article).right == lent


def test_a_time_rule_counts_to_the_second(reader, article):
    TimeRule.objects.create(name="Open after a day", after=24, access="open")
    grant(reader)
    opens = article.first_published_at + timedelta(hours=24)
    assert reads.right_to_give(reader, article, opens - timedelta(seconds=1))
    with clock.standing_at(opens), pytest.raises(Refusal, match="open to everybody"):
        actions.give(reader, article)


def test_the_same_article_is_given_once(reader, article):
    grant(reader)
    assert actions.give(reader, article) == actions.give(reader, article)
    assert reads.gifts_left(reader, clock.now()) == 9


def test_the_quota_is_of_the_calendar_month_in_the_papers_zone(reader, article):
    LinkPolicy.objects.create(gifts_a_month=1)
    with time_machine.travel(datetime(2026, 11, 30, 18, 0, tzinfo=UTC), tick=False):
        grant(reader, days=90)
        actions.take_back(actions.give(reader, article))
        with pytest.raises(Refusal, match="as many articles as you can"):
            actions.give(reader, article)
    # In Kolkata it is December from 18:30 UTC on.
    with time_machine.travel(datetime(2026, 11, 30, 18, 30, tzinfo=UTC), tick=False):
        assert actions.give(reader, article)


def test_a_paper_may_give_nothing(reader, article):
    LinkPolicy.objects.create(gifts_a_month=0)
    grant(reader)
    with pytest.raises(Refusal, match="not given away"):
        actions.give(reader, article)


def test_a_gift_ends_with_the_grant(reader, article, home):
    held = grant(reader, days=3)
    link = actions.give(reader, article)
    assert link.ends_at == held.valid_until
    assert ends_pressed(home) == {link.pk: held.valid_until.timestamp()}
    held.valid_until += timedelta(days=1)
    held.save()
    assert ends_pressed(home) == {link.pk: held.valid_until.timestamp()}
    held.revoked_at = clock.now()
    held.save()
    assert ends_pressed(home)[link.pk] <= clock.now().timestamp()
    grant(reader)
    assert ends_pressed(home) == {}
    link.refresh_from_db()
    assert link.ends_at == link.expires_at


def test_a_gift_ends_when_the_grant_is_deleted(reader, article, home):
    held = grant(reader)
    link = actions.give(reader, article)
    assert ends_pressed(home) == {}
    held.delete()
    assert ends_pressed(home)[link.pk] <= clock.now().timestamp()


def test_another_right_does_not_keep_a_gift_open(reader, article, home):
    held = grant(reader)
    grant(reader, "premium")
    link = actions.give(reader, article)
    held.revoked_at = clock.now()
    held.save()
    assert link.pk in ends_pressed(home)


@pytest.mark.parametrize("end", ["closed", "deleted"])
def test_a_gift_ends_with_the_account(reader, article, home, end):
    grant(reader)
    link = actions.give(reader, article)
    if end == "closed":
        reader.is_active = False
        reader.save()
    else:
        reader.delete()
    assert ends_pressed(home)[link.pk] <= clock.now().timestamp()


def test_a_refund_ends_what_was_given_and_a_renewal_carries_it_on(
    article, till, plan, travel, home
):
    reader = ben()
    bought = buy(till, reader, plan)
    until = bought.settled.subscription.paid_until()
    travel.shift(until - clock.now() - timedelta(days=2))
    link = actions.give(reader, article)
    # It renews, and so the days of grace count as well.
    assert link.ends_at == until + timedelta(days=7)
    actions.set_renewal(bought.settled.subscription, renews=False)
    link.refresh_from_db()
    assert link.ends_at == until
    assert ends_pressed(home) == {link.pk: until.timestamp()}
    actions.set_renewal(bought.settled.subscription, renews=True)
    link.refresh_from_db()
    assert link.ends_at == until + timedelta(days=7)
    payment = bought.settled.subscription.periods.get().payment
    actions.refund(till, payment, "Sent back", ben())
    link.refresh_from_db()
    assert link.ends_at <= clock.now()
    assert ends_pressed(home)[link.pk] <= clock.now().timestamp()


def test_what_is_taken_back_stays_so_when_the_reader_renews(reader, article, home):
    grant(reader)
    link = actions.give(reader, article)
    actions.take_back(link)
    first = ends_pressed(home)
    assert first[link.pk] <= clock.now().timestamp()
    actions.take_back(link)
    grant(reader, days=90)
    assert ends_pressed(home) == first


def test_a_store_made_anew_knows_what_has_ended(reader, article, home):
    grant(reader, days=3)
    link = actions.give(reader, article)
    before = ends_pressed(home)
    for path in home.glob("pressed.sqlite3*"):
        path.unlink()
    press.press_everything()
    assert ends_pressed(home) == before == {link.pk: link.ends_at.timestamp()}


def test_a_link_whose_row_is_gone_has_ended(reader, article, home):
    from broadsheet.press_log.models import Subject, announce

    press.catch_up()
    with transaction.atomic():
        announce(Subject.LINK, 4711)
    assert ends_pressed(home)[4711] <= clock.now().timestamp()


def test_openings_are_counted_once(home, article, reader):
    grant(reader)
    link, letter = actions.give(reader, article), actions.newsletter_link(article)
    journal = Journal(home / "journal")
    browser = "b" + "x" * 22
    for rule in (f"gift:{link.pk}", f"gift:{link.pk}", f"newsletter:{letter.pk}:77", "gift:999"):
        journal.append(Record(1795300000, "2026-11", browser, article.pk, "open", 1, rule, 1, 10))
    journal.close()
    assert actions.fold_journal() == 4
    assert actions.fold_journal() == 0
    link.refresh_from_db()
    letter.refresh_from_db()
    assert (link.openings, letter.openings) == (2, 1)


def test_a_newsletters_link_names_its_reader_and_lasts_thirty_days(article, settings):
    link = actions.newsletter_link(article)
    key = gate.link_key(settings.SECRET_KEY.encode())
    told = gate.link_in(newsletter_address(link, 77).partition("?")[2], key)
    assert (told.reader, told.most, told.right) == (77, 3, gate.ANY_RIGHT)
    assert told.rule == f"newsletter:{link.pk}:77"
    assert 30 * 86_400 - 1 < told.until - link.made_at.timestamp() <= 30 * 86_400


def test_links_are_forgotten_a_month_after_their_end(reader, article):
    grant(reader, days=90)
    link = actions.give(reader, article)
    with time_machine.travel(link.expires_at + timedelta(days=29)):
        assert actions.forget_links() == 0
    with time_machine.travel(link.expires_at + timedelta(days=31)):
        assert actions.forget_links() == 1


def test_the_button_leads_to_a_page_of_ones_own(reader, article):
    grant(reader)
    client = at_desk(reader)
    address = f"/account/gift/?article={article.pk}"
    offered = page(client, address)
    assert article.shown_headline in offered
    assert "Make the link" in offered
    assert "You can give 10 more articles this month." in offered
    answer = client.post("/account/gift/", {"article": article.pk}, follow=True)
    link = ArticleLink.objects.get()
    shown = answer.content.decode()
    assert address_of(link) in shown
    assert "You can give 9 more articles this month." in shown
    assert "Opened in 0 browsers of 10." in shown
    answer = client.post(f"/account/gift/{link.pk}/back/", follow=True)
    assert "Taken back." in answer.content.decode()
    assert address_of(link) not in answer.content.decode()


def test_a_reader_without_a_right_is_told_so(reader, article):
    client = at_desk(reader)
    shown = page(client, f"/account/gift/?article={article.pk}")
    assert "Subscribers can give articles" in shown
    assert "Make the link" not in shown
    answer = client.post("/account/gift/", {"article": article.pk}, follow=True)
    assert "Your account does not open this article." in answer.content.decode()
    assert not ArticleLink.objects.exists()


@pytest.mark.parametrize("number", ["", "x", "0", "9" * 40, "١", "-1", "4711"])
def test_an_article_that_readers_do_not_see_is_not_found(reader, article, number):
    client = at_desk(reader)
    assert client.get("/account/gift/", {"article": number}).status_code == 404
    assert client.post("/account/gift/", {"article": number}).status_code == 404
    assert client.post("/account/gift/").status_code == 404


def test_nobody_takes_back_what_others_gave(reader, article):
    grant(reader)
    link = actions.give(reader, article)
    other = at_desk(User.objects.create_user("other@lantern.example"))
    assert other.post(f"/account/gift/{link.pk}/back/").status_code == 404
    assert other.get(f"/account/gift/{link.pk}/back/").status_code == 405
    link.refresh_from_db()
    assert link.taken_back_at is None


def test_a_stranger_signs_in_first_and_comes_back(article, client):
    answer = client.get(f"/account/gift/?article={article.pk}")
    assert answer.status_code == 302
    assert f"article%3D{article.pk}" in answer["Location"]


def test_the_form_wants_a_token_of_its_own(reader, article):
    from django.test import Client

    grant(reader)
    client = Client(enforce_csrf_checks=True)
    client.force_login(reader, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post("/account/gift/", {"article": article.pk}).status_code == 403
    assert not ArticleLink.objects.exists()


def test_the_page_asks_as_often_for_many_gifts_as_for_one(reader, feed, django_assert_num_queries):
    from broadsheet.desk.models import Article
    from broadsheet.subscriptions.tests.desk_cast import queries

    grant(reader)
    for number in range(6):
        send(feed, ninjs(f"urn:quill:{number}", headline=f"Report {number}"))
    articles = list(Article.objects.all())
    client = at_desk(reader)
    actions.give(reader, articles[0])
    one = queries(client, "/account/gift/")
    for article in articles[1:]:
        actions.give(reader, article)
    assert queries(client, "/account/gift/") == one


def test_the_button_stands_in_full_pages_of_what_can_be_given(feed, home):
    import gzip

    from broadsheet.gate.pressed import read_pages

    send(feed, ninjs())
    press.catch_up()
    path = the_article().path

    def given() -> dict[str, bool]:
        store = open_store(store_path(home))
        pages = read_pages(store, path)
        store.close()
        return {v: b"/account/gift/" in gzip.decompress(p.body) for v, p in pages.items()}

    assert given() == {"full": True, "full_no_ads": True, "teaser": False}
    LinkPolicy.objects.create(gifts_a_month=0)
    press.catch_up()
    assert not any(given().values())
