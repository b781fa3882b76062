"""The guard stands before pictures too: what a report names is fetched from public addresses only,
and never with the feed's credential.
"""

import io
from dataclasses import replace

import pytest
from PIL import Image

from broadsheet.desk import actions as desk
from broadsheet.desk.models import Article
from broadsheet.kit.tests.loopback import redirect, reply, serving
from broadsheet.kit.tests.names import Names
from broadsheet.wire import actions
from broadsheet.wire.models import Feed
from broadsheet.wire.tests.faults import allow
from tests.cast import make_feed, send

pytestmark = pytest.mark.django_db


def png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "teal").save(file, "PNG")
    return file.getvalue()


def report(picture: str) -> bytes:
    return (
        "<rss xmlns:media='http://search.yahoo.com/mrss/'><channel><item><guid>urn:fog</guid>"
        f"<title>Fog at sea</title><description>{'The harbour is closed. ' * 30}</description>"
        f"<media:content url='{picture}' medium='image'><media:credit>Ida Moss</media:credit>"
        "</media:content></item></channel></rss>"
    ).encode()


def pictured(tmp_path, picture):
    """Whether the article that came of a report has its picture."""
    send(make_feed(tmp_path), report(picture), "fog.xml")
    return Article.objects.get().wire_picture is not None


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "[::ffff:127.0.0.1]", "pic.test"])
def test_case_01_a_picture_on_a_private_address_is_not_fetched(paper, tmp_path, monkeypatch, host):
    Names(monkeypatch, "pic.test", ["127.0.0.1"])
    with serving({"/fog.png": reply(200, png(), Content_Type="image/png")}) as server:
        assert not pictured(tmp_path, f"http://{host}:{server.port}/fog.png")
    assert server.asked == []


def test_case_01_a_picture_that_redirects_inside_is_not_fetched(paper, settings, tmp_path):
    with serving({"/fog.png": reply(200, png())}) as inside:
        with serving({"/fog.png": redirect(inside.url("/fog.png"))}) as outside:
            allow(settings, outside)
            assert not pictured(tmp_path, outside.url("/fog.png"))
    assert len(outside.asked) == 1
    assert inside.asked == []


def test_case_01_a_picture_on_a_listed_host_is_fetched_without_the_feeds_secret(
    paper, settings, tmp_path
):
    routes = {"/fog.png": reply(200, png(), Content_Type="image/png")}
    with serving(routes) as server:
        routes["/"] = reply(200, report(server.url("/fog.png")))
        allow(settings, server)
        settings.ENV = replace(settings.ENV, wire_secrets="quill = s3cret")
        feed = make_feed(tmp_path)
        Feed.objects.update(
            location=server.url(), auth="header", auth_name="X-Api-Key", secret="quill"
        )
        actions.fetch(Feed.objects.get(pk=feed.pk))
        desk.catch_up()
        desk.collect_pictures(within=20)
        assert Article.objects.get().wire_picture is not None
    keys = {path: headers["X-Api-Key"] for path, headers in server.asked}
    assert keys == {"/": "s3cret", "/fog.png": None}
