"""A feed's answer names its hub and its own address (WebSub, section 4)."""

from broadsheet.gate.tests.conftest import Paper, page

FEED = "/world/feed.atom"


def test_a_feed_names_hub_and_self_and_other_pages_do_not(paper: Paper) -> None:
    feed = page(FEED, "<feed/>", "plain", content_type="application/atom+xml")
    front = page("/world/", "front", "plain")
    paper.press(feed, front, hub="https://hub.example/", origin="https://paper.example")
    paper.start()
    link = paper.ask(FEED, host="paper.example").get("link")
    assert link == f'<https://hub.example/>; rel="hub", <https://paper.example{FEED}>; rel="self"'
    assert not paper.ask("/world/", host="paper.example").get("link")


def test_without_a_hub_there_is_no_link(paper: Paper) -> None:
    paper.press(page(FEED, "<feed/>", "plain", content_type="application/atom+xml"))
    paper.start()
    assert not paper.ask(FEED).get("link")


def test_a_new_hub_is_named_at_once(paper: Paper) -> None:
    paper.press(page(FEED, "<feed/>", "plain", content_type="application/atom+xml"))
    paper.start()
    assert not paper.ask(FEED).get("link")
    paper.press(hub="https://hub.example/")
    paper.taken_up()
    assert "https://hub.example/" in paper.ask(FEED).get("link")
