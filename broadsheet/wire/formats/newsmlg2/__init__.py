"""NewsML-G2, the IPTC's news exchange format: a news item, a package, a message of many.

Sources: NewsML-G2 Specification 2.3x (IPTC), chapters on newsItem, packageItem, newsMessage.
"""

from broadsheet.wire.formats.finish import finish_all
from broadsheet.wire.formats.newsmlg2.items import draft_of
from broadsheet.wire.formats.newsmlg2.message import open_message
from broadsheet.wire.formats.parsed import Parsed, Reading, UnreadableError
from broadsheet.wire.formats.strict import load_strictly, local

ITEMS = (
    "newsItem",
    "packageItem",
    "planningItem",
    "conceptItem",
    "knowledgeItem",
    "catalogItem",
)
"""The kinds of item; only the first two can be news."""


def read(text: str, reading: Reading) -> Parsed:
    """Read an item or a message. Raises UnreadableError when it is not well formed, or neither.

    A picture that belongs to a text of the same message is that text's picture and no entry.
    """
    root = load_strictly(text, "NewsML-G2")
    if local(root) not in ("newsMessage", *ITEMS):
        raise UnreadableError(
            f"This is no NewsML-G2: its root element is <{local(root)[:40]}>."
            " Set the feed's format to auto, or ask the agency which format it sends."
        )
    message = open_message(root, ITEMS)
    if not message.items:
        raise UnreadableError(
            "The NewsML-G2 message holds no item. Nothing was taken in; ask the agency whether"
            " that is meant."
        )
    entries = finish_all(message.items, lambda item: draft_of(item, message, reading), reading)
    return Parsed("newsmlg2", entries, tuple(reading.repairs), tuple(reading.problems))
