import json

from broadsheet.wire.formats import parse
from broadsheet.wire.tests.formats.feeds import atom, item, rss


def test_case_30_a_story_inside_an_item_is_no_item() -> None:
    old = item("Ferry sank in 1911", key="h-0")
    outer = f"<item><guid>h-1</guid><title>Ferry sails</title><related>{old}</related></item>"
    assert [entry.title for entry in parse(rss(outer)).entries] == ["Ferry sails"]


def test_case_30_an_entry_inside_the_content_of_another_is_no_entry() -> None:
    old = "<entry><id>0</id><title>Ferry sank in 1911</title></entry>"
    inner = f"<content type='application/atom+xml'>{old}</content>"
    parsed = parse(atom(f"<entry><id>1</id><title>Ferry sails</title>{inner}</entry>"))
    assert [entry.title for entry in parsed.entries] == ["Ferry sails"]


def test_case_30_an_associated_text_is_no_item_and_no_part_of_the_body() -> None:
    old = {"type": "text", "uri": "h-0", "headline": "Sank", "body_html": "<p>It sank.</p>"}
    new = {"uri": "h-1", "headline": "Sails", "body_html": "<p>It sails.</p>"}
    parsed = parse(json.dumps(new | {"associations": {"archive": old}}).encode())
    assert [(entry.id, entry.body_html) for entry in parsed.entries] == [
        ("h-1", "<p>It sails.</p>")
    ]
    assert parsed.entries[0].pictures == ()


def test_case_30_a_link_to_an_older_story_makes_no_item() -> None:
    links = "<link href='https://w.example/1'/><link rel='related' href='https://w.example/0'/>"
    parsed = parse(atom(f"<entry><id>1</id><title>Ferry sails</title>{links}</entry>"))
    assert [entry.url for entry in parsed.entries] == ["https://w.example/1"]
    assert not any("example/0" in alias for alias in parsed.entries[0].aliases)
