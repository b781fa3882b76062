"""feedparser reads a well-formed feed as we do; where it is known to err we do not follow."""

import feedparser

from broadsheet.kit.html import plain
from broadsheet.wire.formats import parse
from broadsheet.wire.tests.formats.feeds import STORY, atom, rss

_RSS = rss(
    "<item><guid>https://w.example/1</guid><link>https://w.example/1?x=1</link>"
    "<title>Q&amp;A: Ferry</title><author>ann@w.example (Ann Lee)</author>"
    "<pubDate>Fri, 03 May 2024 08:12:00 +0200</pubDate><category>Sea</category>"
    f"<description><![CDATA[{STORY}]]></description></item>"
)
_ATOM = atom(
    "<entry><id>tag:w,1</id><link href='https://w.example/1'/>"
    "<title type='html'>A &amp;lt; B</title>"
    "<updated>2024-05-03T08:12:00Z</updated><category term='Sea'/>"
    f"<content type='html'><![CDATA[{STORY}]]></content></entry>"
)


def test_feedparser_agrees_on_a_well_formed_feed() -> None:
    for data in (_RSS, _ATOM):
        ours, theirs = parse(data).entries[0], feedparser.parse(data).entries[0]
        body = theirs.content[0].value if "content" in theirs else theirs.summary
        date = ours.published or ours.updated
        assert date is not None
        assert (
            date.utctimetuple()[:6] == (theirs.get("published_parsed") or theirs.updated_parsed)[:6]
        )
        assert (ours.id, ours.url) == (theirs.id, theirs.link)
        assert ours.title == plain(theirs.title)
        assert plain(ours.body_html) == plain(body)
        assert list(ours.categories) == [tag.term for tag in theirs.tags]
