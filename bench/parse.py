"""How many items a second are read, beside feedparser on the same bytes in the same run.

`python -m bench.parse` makes feeds of invented news: short and full, good and broken, in the
formats that feedparser reads as well. Both sides sanitise. The best of several rounds counts,
taken by turns, in processor time, so that a busy machine does not favour one of them.
"""

import time
from collections.abc import Callable
from html import escape

import feedparser

from broadsheet.wire.formats import parse

ROUNDS = 5
SENTENCES = (
    "The ferry to Port Ellen will sail again on Friday, the harbour master said.",
    'It had been in dock since <a href="https://wire.example/storm?utm_source=rss">the storm</a>.',
    "“We waited for <em>eleven</em> weeks,” Ann Lee of the island’s council told reporters.",
    "Fares rise by 4.5% to £12.40 &amp; bicycles travel free – as they did before the war.",
    "<strong>Rain</strong> is expected; the second crossing may start an hour later.",
)
PARAGRAPHS = "".join(f"<p>{' '.join(SENTENCES[n:] + SENTENCES[:n])}</p>" for n in range(5))
FULL = (
    f"{PARAGRAPHS}<h2>What comes next</h2><ul><li>Tickets on Monday</li><li>Crew by June</li></ul>"
    '<figure class="wide"><img src="/pier.jpg?w=1200" alt="The pier" width="1200" height="800"/>'
    "<figcaption>The pier at dawn. <em>Photograph: Ann Lee</em></figcaption></figure>"
    f'<blockquote class="quote"><p>{SENTENCES[0]}</p></blockquote>{PARAGRAPHS}'
    '<div class="more"><p onclick="x()">More to follow.</p><script>track()</script></div>'
    '<img src="https://stats.wp.com/b.gif?x=1" width="1" height="1">'
)
SHORT = f"<p>{SENTENCES[0]} {SENTENCES[2]}</p>"
SPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/"'
)


def _rss(count: int, inside: Callable[[int], str], spaces: str = SPACES) -> str:
    items = "".join(f"<item>{_head(n)}{inside(n)}</item>" for n in range(count))
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" {spaces}><channel>'
        f"<title>Harbour Wire</title><link>https://wire.example/</link>{items}</channel></rss>"
    )


def _head(number: int) -> str:
    return (
        f"<title>Ferry sails again, part {number}: “a good day” &amp; more</title>"
        f"<link>https://wire.example/2024/05/03/ferry-{number}</link>"
        f'<guid isPermaLink="false">wire-{number}</guid>'
        f"<pubDate>Fri, 03 May 2024 08:{number % 60:02d}:00 +0530</pubDate>"
        "<category>Sea</category><category>Islands</category><dc:creator>Ann Lee</dc:creator>"
    )


def _picture(number: int) -> str:
    return (
        f'<media:content url="https://wire.example/{number}.jpg" medium="image" width="1200">'
        "<media:credit>Ann Lee</media:credit><media:description>The pier</media:description>"
        "</media:content>"
    )


def _atom(count: int) -> str:
    entries = "".join(
        f"<entry><id>tag:wire.example,2024:{n}</id><title>Ferry sails again, part {n}</title>"
        f'<link href="https://wire.example/{n}"/><updated>2024-05-03T08:12:00Z</updated>'
        f'<author><name>Ann Lee</name></author><category term="Sea"/>'
        f'<content type="html">{escape(FULL)}</content></entry>'
        for n in range(count)
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Harbour</title>{entries}</feed>'


def _rdf(count: int) -> str:
    items = "".join(
        f'<item rdf:about="https://wire.example/{n}"><title>Ferry, part {n}</title>'
        f"<link>https://wire.example/{n}</link><dc:date>2024-05-03T08:12:00Z</dc:date>"
        f"<description>{escape(SHORT)}</description></item>"
        for n in range(count)
    )
    return (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        ' xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<channel><title>Harbour</title></channel>{items}</rdf:RDF>"
    )


def feeds() -> dict[str, bytes]:
    """The feeds by name."""
    short = _rss(60, lambda n: f"<description>{escape(SHORT)}</description>")
    full = _rss(
        40,
        lambda n: (
            f"<description>{escape(SHORT)}</description>{_picture(n)}"
            f"<content:encoded><![CDATA[{FULL}]]></content:encoded>"
        ),
    )
    bare = short.replace("&amp;amp;", "&").replace("wire.example/", "wire.example/?a&b=")
    return {
        "rss, summaries": short.encode(),
        "rss, full texts and pictures": full.encode(),
        "atom, full texts": _atom(40).encode(),
        "rss 1.0, summaries": _rdf(60).encode(),
        "rss, bare & and &nbsp;": bare.replace("sail again", "sail&nbsp;again").encode(),
        "rss, cp1252 said to be UTF-8": full.encode("cp1252", "replace"),
        "rss, undeclared prefixes": _rss(
            60, lambda n: f"<description>{escape(SHORT)}</description>", ""
        ).encode(),
        "rss, cut off": full.encode()[:-20_000],
        "rss, one small item": _rss(1, lambda n: "<description>Rain.</description>").encode(),
    }


def main() -> int:
    """Print a line for each feed and the ratio over all; returns 0."""
    print(f"{'':32}{'items':>6}{'kB':>6}{'ours/s':>10}{'feedparser/s':>14}{'ratio':>8}")
    all_ours = all_theirs = 0.0
    total = 0
    for name, data in feeds().items():
        ours, theirs = _by_turns(data)
        count = len(parse(data).entries)
        if count != len(feedparser.parse(data).entries):
            print(f"{name}: the two do not find the same number of items")
        print(
            f"{name:32}{count:6}{len(data) // 1000:6}{count / ours:10,.0f}{count / theirs:14,.0f}"
            f"{theirs / ours:8.1f}"
        )
        all_ours, all_theirs, total = all_ours + ours, all_theirs + theirs, total + count
    print(
        f"{'all':32}{total:6}{'':6}{total / all_ours:10,.0f}{total / all_theirs:14,.0f}"
        f"{all_theirs / all_ours:8.1f}"
    )
    return 0


def _by_turns(data: bytes) -> tuple[float, float]:
    """The best processor time of either, in seconds."""
    ours = theirs = float("inf")
    for _ in range(ROUNDS):
        ours = min(ours, _time(lambda: parse(data)))
        theirs = min(theirs, _time(lambda: feedparser.parse(data)))
    return ours, theirs


def _time(read: Callable[[], object]) -> float:
    started = time.process_time()
    read()
    return time.process_time() - started


if __name__ == "__main__":
    raise SystemExit(main())
