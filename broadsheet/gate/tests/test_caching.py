"""Which answer may be kept by whom."""

from itertools import permutations

import pytest

from broadsheet.gate.tests.conftest import Paper, article, page, unpacked

PUBLIC = "public, no-cache"
PRIVATE = "private, no-cache"
SECRET = "private, no-store"

TABLE = [
    ("/", "", PUBLIC),
    ("/", "other=1", PUBLIC),
    ("/", "reader", PRIVATE),
    ("/", "reader=forged", PRIVATE),
    ("/", "pass", PRIVATE),
    ("/open", "", PUBLIC),
    ("/open", "pass", PRIVATE),
    ("/premium-story", "", PUBLIC),
    ("/premium-story", "reader", SECRET),
    ("/premium-story", "pass", SECRET),
    ("/premium-story", "right", SECRET),
    ("/metered", "", SECRET),
    ("/metered", "reader", SECRET),
    ("/metered", "right", SECRET),
    ("/registered", "", SECRET),
    ("/registered", "pass", SECRET),
    ("/epaper-story", "", SECRET),
]


@pytest.fixture(scope="module")
def stocked(shared_paper: Paper) -> Paper:
    shared_paper.press(
        *article("/open", 1, "open"),
        *article("/premium-story", 2, "premium"),
        *article("/metered", 3, "metered"),
        *article("/registered", 4, "registered"),
        *article("/epaper-story", 5, "epaper"),
        page("/feed.rss", "<rss/>", "plain", content_type="application/rss+xml"),
        page("/gone", "<p>withdrawn</p>", "plain", status=410),
        page("/moved", "", "plain", status=308, location="/open"),
    )
    shared_paper.start()
    return shared_paper


def test_the_table_of_cache_rules(stocked: Paper) -> None:
    cookies = {
        "": {},
        "reader": {"cookie": stocked.reader_cookie()},
        "pass": {"cookie": stocked.pass_cookie(7)},
        "right": {"cookie": stocked.pass_cookie(7, "premium", "unlimited")},
    }
    for path, kind, expected in TABLE:
        for method in ("GET", "HEAD"):
            reply = stocked.ask(path, method, **cookies.get(kind, {"cookie": kind}))
            assert reply.get("cache-control") == expected, (path, kind, method)
            assert reply.get("vary") == "accept-encoding, cookie"
            if expected.startswith("public"):
                assert not reply.all("set-cookie")
            if expected == SECRET:
                assert not reply.all("etag")


def test_an_unchanged_open_page_is_not_sent_again(stocked: Paper) -> None:
    for path in ("/", "/open", "/feed.rss"):
        for encoding in ("gzip", "br", "zstd", "identity"):
            first = stocked.ask(path, accept_encoding=encoding)
            again = stocked.ask(path, accept_encoding=encoding, if_none_match=first.get("etag"))
            assert (again.status, again.body) == (304, b"")
            assert again.get("etag") == first.get("etag")
            assert again.get("cache-control") == PUBLIC
    weak = f'"zzz", W/{first.get("etag")}'
    assert stocked.ask("/feed.rss", accept_encoding="identity", if_none_match=weak).status == 304


def test_each_coding_has_an_entity_tag_of_its_own(stocked: Paper) -> None:
    for path in ("/", "/open", "/premium-story"):
        replies = {c: stocked.ask(path, accept_encoding=c) for c in ("br", "gzip", "zstd", "x")}
        assert {c: r.get("content-encoding") for c, r in replies.items()} == {
            "br": "br", "gzip": "gzip", "zstd": "zstd", "x": ""
        }  # fmt: skip
        assert len({unpacked(reply) for reply in replies.values()}) == 1
        assert len({reply.get("etag") for reply in replies.values()}) == 4
        for mine, other in permutations(replies, 2):
            held = replies[mine].get("etag")
            again = stocked.ask(path, accept_encoding=other, if_none_match=held)
            assert (again.status, again.body) == (200, replies[other].body)


def test_a_new_wall_makes_another_tag(paper: Paper) -> None:
    paper.press(*article("/premium-story", 2, "premium"))
    paper.start()
    before = paper.ask("/premium-story").get("etag")
    assert paper.ask("/premium-story", if_none_match=before).status == 304
    paper.press_event(lambda run: run.put_fragment("premium", "<b>new price</b>"))
    paper.taken_up()
    reply = paper.ask("/premium-story", if_none_match=before)
    assert reply.status == 200 and b"new price" in unpacked(reply)


def test_what_is_for_one_reader_is_never_answered_with_304(stocked: Paper) -> None:
    for path in ("/metered", "/registered", "/gone"):
        assert stocked.ask(path, if_none_match="*").status in (200, 410)
    public = stocked.ask("/premium-story").get("etag")
    for cookie in (stocked.reader_cookie(), stocked.pass_cookie(7), stocked.pass_cookie(7, "x")):
        for held in ("*", public):
            assert stocked.ask("/premium-story", cookie=cookie, if_none_match=held).status == 200


def test_head_is_get_without_a_body(stocked: Paper) -> None:
    for path in ("/", "/open", "/premium-story", "/gone", "/moved"):
        get, head = stocked.ask(path), stocked.ask(path, "HEAD")
        assert head.body == b"" and head.status == get.status
        # An empty page has no length to tell (RFC 9110, 8.6).
        drop = [("content-length", "0"), ("date", get.get("date"))]
        told = [sorted(f for f in r.fields if f not in drop) for r in (head, get)]
        assert [f for f in told[0] if f[0] != "date"] == told[1]


def test_html_carries_security_fields_and_feeds_do_not_need_them(stocked: Paper) -> None:
    reply = stocked.ask("/open")
    assert reply.get("x-content-type-options") == "nosniff"
    assert reply.get("referrer-policy") == "strict-origin-when-cross-origin"
    assert "frame-ancestors 'none'" in reply.get("content-security-policy")
    assert not stocked.ask("/feed.rss").all("content-security-policy")


def test_a_moved_article_is_redirected(stocked: Paper) -> None:
    reply = stocked.ask("/moved")
    assert (reply.status, reply.get("location")) == (308, "/open")
