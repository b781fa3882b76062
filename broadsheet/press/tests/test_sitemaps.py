"""Sitemaps list what search engines may list, with the moment of the last visible change."""

import pytest
import time_machine
from lxml import etree

from broadsheet.desk import actions as desk
from broadsheet.desk.models import Article
from broadsheet.press import actions as press
from broadsheet.press import reads, syndication
from broadsheet.wire.models import Source
from tests.cast import ada, ninjs, send
from tests.surfaces import surfaces, where

pytestmark = pytest.mark.django_db
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def publish(feed, number):
    send(feed, ninjs(f"urn:{number}", headline=f"Report {number}"))
    press.catch_up()
    return Article.objects.get(item__key=f"urn:{number}")


def entries(path):
    tree = etree.fromstring(surfaces()[path, "plain"].encode())
    return {
        element.findtext(f"{MAP}loc").removeprefix("http://localhost:8000"): element.findtext(
            f"{MAP}lastmod"
        )
        for element in tree
    }


def test_lastmod_moves_with_a_correction_in_the_index_too(feed):
    with time_machine.travel("2026-11-20T10:00:00Z"):
        article = publish(feed, 1)
        publish(feed, 2)
    with time_machine.travel("2026-12-03T08:00:00Z"):
        desk.correct(article, "It was six, not five.", by=ada())
        press.catch_up()
    month = entries("/sitemap-2026-11.xml")
    assert month[article.path].startswith("2026-12-03T08:00")
    assert len([at for at in month.values() if at.startswith("2026-11-20T10:00")]) == 1
    assert entries("/sitemap.xml")["/sitemap-2026-11.xml"].startswith("2026-12-03T08:00")


def test_a_month_of_more_than_one_sitemap_holds_is_parted(feed, monkeypatch):
    monkeypatch.setattr(syndication, "MOST", 2)
    with time_machine.travel("2026-11-20T10:00:00Z"):
        paths = {publish(feed, number).path for number in range(5)}
        parts = [path for path in entries("/sitemap.xml") if path.startswith("/sitemap-2026-11")]
        assert parts == [f"/sitemap-2026-11{part}.xml" for part in ("", "-2", "-3")]
        listed = [path for part in parts for path in entries(part)]
        assert sorted(listed) == sorted(paths)
        for article in Article.objects.all()[:3]:
            desk.withdraw(article, "Wrong.", by=ada())
        press.catch_up()
        assert "/sitemap-2026-11-2.xml" not in entries("/sitemap.xml")
        assert not where(Article.objects.exclude(withdrawn_at=None).first().path) & set(parts)
        press.press_everything()
        assert ("/sitemap-2026-11-2.xml", "plain") not in surfaces()


@pytest.mark.parametrize("contract", ["noindex", "canonical_to_source"])
def test_what_the_agency_wants_found_elsewhere_is_in_no_sitemap(feed, contract):
    article = publish(feed, 1)
    Source.objects.update(**{contract: True})
    press.press_everything()
    assert not {path for path in where(article.path) if "sitemap" in path}
    assert article.path in surfaces()["/feed.atom", "plain"]


def test_months_are_counted_in_one_query(feed, django_assert_num_queries):
    from broadsheet.press.frame import make_frame

    for number in range(3):
        publish(feed, number)
    frame = make_frame()
    with django_assert_num_queries(1):
        assert [month.count for month in reads._months(frame)] == [3]
