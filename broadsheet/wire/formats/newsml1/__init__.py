"""NewsML 1.0 to 1.2, the IPTC's first news exchange format, which many agencies still send.

Source: NewsML 1.2 Functional Specification (IPTC, 2003).
"""

from broadsheet.wire.formats.finish import finish_all
from broadsheet.wire.formats.newsml1.items import draft_of
from broadsheet.wire.formats.newsml1.topics import Topics
from broadsheet.wire.formats.parsed import Parsed, Reading, UnreadableError
from broadsheet.wire.formats.strict import children, load_strictly, local


def read(text: str, reading: Reading) -> Parsed:
    """Read the news items. Raises UnreadableError when it is not well formed, or holds none."""
    root = load_strictly(text, "NewsML 1")
    if local(root) != "NewsML":
        raise UnreadableError(
            f"This is no NewsML 1: its root element is <{local(root)[:40]}>, not <NewsML>."
            " Set the feed's format to auto, or ask the agency which format it sends."
        )
    items = children(root, "NewsItem")
    if not items:
        raise UnreadableError(
            "The NewsML 1 document holds no NewsItem. Nothing was taken in; ask the agency"
            " whether that is meant."
        )
    topics = Topics(root)
    entries = finish_all(items, lambda item: draft_of(item, topics, reading), reading)
    return Parsed("newsml1", entries, tuple(reading.repairs), tuple(reading.problems))
