"""Every surface follows the article: where it stands, and that it is gone when it is gone."""

import gzip
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from broadsheet.desk import actions as desk
from broadsheet.desk.models import Article, Paper, Section
from broadsheet.gate.pressed import open_store, read_pages
from broadsheet.press import actions as press
from broadsheet.press import pages
from broadsheet.press_log.models import Subject, announce
from tests.cast import ada, body, ninjs, send
from tests.surfaces import status, surfaces, where

pytestmark = pytest.mark.django_db


def dump(home):
    """All that readers could get, with the number of its last change."""
    store = open_store(home / "pressed.sqlite3")
    try:
        pages = store.execute("SELECT path, variant, status, etag, changed FROM page")
        return sorted(pages), sorted(store.execute("SELECT * FROM fragment"))
    finally:
        store.close()


def stored(home, path):
    store = open_store(home / "pressed.sqlite3")
    try:
        return read_pages(store, path)
    finally:
        store.close()


def publish(feed, number, **facts):
    send(feed, ninjs(f"urn:{number}", **({"headline": f"Report{number:02}"} | facts)))
    press.catch_up()
    return Article.objects.filter(item__key=f"urn:{number}").first()


def test_pressing_again_changes_nothing(feed, home):
    with time_machine.travel("2026-11-20T10:00:00Z", tick=False):
        for number in range(4):
            publish(feed, number)
        press.press_everything()
        once = dump(home)
        for article in Article.objects.all():
            announce(Subject.ARTICLE, article.pk)
        press.catch_up()
        press.press_everything()
        assert dump(home) == once


def test_a_zone_that_is_set_while_the_paper_is_pressed_is_on_its_pages(feed, home, monkeypatch):
    """Kolkata's half past ten is London's five o'clock; whoever presses has begun before that."""
    article = publish(feed, 1)
    made = pages.home_pages

    def set_meanwhile(frame):
        monkeypatch.setattr(pages, "home_pages", made)
        Paper.objects.update(time_zone="Europe/London")
        announce(Subject.SITE)
        return made(frame)

    monkeypatch.setattr(pages, "home_pages", set_meanwhile)
    press.press_everything()
    full = stored(home, article.path)["full"].body
    assert "IST" not in gzip.decompress(full).decode()
    assert "GMT" in gzip.decompress(full).decode()


def test_catching_up_event_by_event_ends_where_pressing_everything_ends(feed, home):
    with time_machine.travel("2026-11-20T10:00:00Z", tick=False):
        press.press_everything()
        articles = [publish(feed, number) for number in range(6)]
        desk.withdraw(articles[2], "Wrong island.", by=ada())
        send(feed, ninjs("urn:4", version=2, headline="Report04 changed"))
        press.catch_up()
        followed = [row[:4] for row in dump(home)[0]]
        press.press_everything()
        fresh = [row[:4] for row in dump(home)[0]]
    assert [row for row in followed if not row[0].startswith("/2026")] == [
        row for row in fresh if not row[0].startswith("/2026")
    ]


def test_a_withdrawn_report_is_gone_from_the_pages_of_its_neighbours(feed):
    articles = [publish(feed, number) for number in range(7)]
    assert len(where("Report03")) > 5
    desk.withdraw(articles[3], "Wrong island.", by=ada())
    press.catch_up()
    assert where("Report03") == set()
    assert where(articles[3].path) == {articles[3].path}
    assert status(articles[3].path) == 410


def test_a_new_headline_reaches_the_pages_of_its_neighbours(feed):
    for number in range(7):
        publish(feed, number)
    send(feed, ninjs("urn:3", version=2, headline="Changed"))
    press.catch_up()
    assert where("Report03") == set()


def test_a_report_stands_on_a_handful_of_other_reports_pages(feed):
    articles = [publish(feed, number) for number in range(14)]
    press.press_everything()
    paths = {article.path for article in articles}
    for article in articles:
        assert len(where(article.path) & paths - {article.path}) <= 8


@pytest.mark.parametrize("access", ["metered", "premium"])
def test_a_report_that_moves_leaves_its_old_front(feed, access):
    article, editor = publish(feed, 1), ada()
    publish(feed, 2)
    article.section, article.access = Section.objects.get(slug="markets"), access
    article.save_revision(user=editor).publish(user=editor)
    press.catch_up()
    on = where("Report01")
    assert {"/markets/", "/markets/feed.rss", "/"} <= on
    assert not {"/world/", "/world/feed.rss", "/world/feed.atom", "/world/feed.json"} & on
    assert ("/premium/" in on) == (access == "premium")


def test_a_report_that_is_no_longer_premium_leaves_the_premium_page(feed):
    article, editor = publish(feed, 1), ada()
    for access in ("premium", "metered"):
        article = Article.objects.get()
        article.access = access
        article.save_revision(user=editor).publish(user=editor)
        press.catch_up()
        assert ("/premium/" in where("Report01")) == (access == "premium")
    assert article.path


def test_unpublishing_takes_a_report_off_every_surface(feed):
    article = publish(feed, 1)
    publish(feed, 2)
    article.unpublish()
    press.catch_up()
    assert where("Report01") == set()
    assert status(article.path) == 410


def test_an_embargo_is_enforced_by_the_page_and_lists_wait_for_it(feed, home):
    article, editor = publish(feed, 1), ada()
    at = datetime.now(UTC) + timedelta(hours=2)
    article.embargo_until = at
    article.save_revision(user=editor).publish(user=editor)
    press.catch_up()
    assert where("Report01") <= {article.path}
    assert {p.not_before for p in stored(home, article.path).values()} == {at.timestamp()}
    press.announce_due()
    with time_machine.travel(at + timedelta(seconds=1)):
        assert press.announce_due() == 1
        press.catch_up()
        assert {"/", "/world/", "/feed.rss", "/sitemap.xml"} <= where("Report01") | {"/sitemap.xml"}


def test_an_expiry_is_enforced_by_the_page_and_lists_drop_it(feed, home):
    article, editor = publish(feed, 1), ada()
    publish(feed, 2)
    at = datetime.now(UTC) + timedelta(hours=2)
    article.expire_at = at
    article.save_revision(user=editor).publish(user=editor)
    press.catch_up()
    assert {p.not_after for p in stored(home, article.path).values()} == {at.timestamp()}
    press.announce_due()
    with time_machine.travel(at + timedelta(seconds=1)):
        press.announce_due()
        press.catch_up()
    assert where("Report01") <= {article.path}


def test_the_tighter_of_two_embargoes_and_expiries_stands_on_the_page(feed, home):
    article = publish(feed, 1)
    hours = {"embargo_until": 1, "wire_embargo_until": 2, "expire_at": 9, "wire_expires": 8}
    at = {name: datetime.now(UTC) + timedelta(hours=n) for name, n in hours.items()}
    Article.objects.update(**at)
    announce(Subject.ARTICLE, article.pk)
    press.catch_up()
    page = stored(home, article.path)["full"]
    assert page.not_before == at["wire_embargo_until"].timestamp()
    assert page.not_after == at["wire_expires"].timestamp()


@pytest.mark.parametrize("access", ["registered", "metered", "premium"])
def test_what_is_gated_stands_in_the_full_variants_only(feed, access):
    from broadsheet.desk.models import Rule

    Rule.objects.update(access=access)
    text = body("open", 3) + body("GATEDWORD", 6)
    article = publish(feed, 1, body=text)
    pages = surfaces()
    holding = {key for key, page in pages.items() if "GATEDWORD" in page}
    assert holding == {(article.path, "full"), (article.path, "full_no_ads")}
    assert pages[article.path, "teaser"].count("<!--wall-->") == 1
    assert "open crew" in pages[article.path, "teaser"]
    assert 'class="paywall"' in pages[article.path, "full"]


def test_an_open_report_has_no_teaser_and_no_paywall(feed):
    from broadsheet.desk.models import Rule

    Rule.objects.update(access="open")
    article = publish(feed, 1)
    assert (article.path, "teaser") not in surfaces()
    assert "paywall" not in surfaces()[article.path, "full"]


def test_no_template_marks_reach_any_page(feed):
    publish(feed, 1)
    publish(feed, 2, headline="You have {{free_limit}} left")
    publish(feed, 1, version=2, body="<p>{% if premium %}</p>" + body())
    publish(feed, 1, version=3, status="withheld", note="Held {{why}}.")
    press.press_everything()
    for page in surfaces().values():
        assert not [mark for mark in ("{{", "}}", "{%", "%}") if mark in page.replace('}}"', "")]


def test_one_report_that_cannot_be_rendered_does_not_stop_the_others(feed, monkeypatch):
    broken = publish(feed, 1)
    monkeypatch.setattr(
        type(broken), "disclosure", property(lambda self: 1 / 0 if self.pk == broken.pk else None)
    )
    from broadsheet.desk.reads import shown

    monkeypatch.setattr(shown, "disclosure_text", lambda *_, **__: "")
    send(feed, ninjs("urn:1", version=2, headline="Changed"))
    publish(feed, 2)
    assert "/" in where("Report02")
