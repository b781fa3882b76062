"""Which format a text is in, by looking at its first element or its first keys."""

import re

from broadsheet.wire.formats import anpa1312, iptc7901
from broadsheet.wire.formats.keys import load_json
from broadsheet.wire.formats.parsed import Reading, UnreadableError

_ROOT = re.compile(
    r"<(?:[\w.-]+:)?(rss|rdf|feed|newsitem|newsmessage|packageitem|planningitem|conceptitem"
    r"|knowledgeitem|newsml|nitf|html|opml|urlset|sitemapindex)[\s/>]",
    re.IGNORECASE,
)
_PAGE = re.compile(
    r"\s*(?><!--.*?-->\s*)*+<(!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_FIRST = re.compile(r"<([a-zA-Z_][\w.:-]*)")
_XML = {
    "rss": "rss",
    "rdf": "rss",
    "feed": "atom",
    **dict.fromkeys(
        ("newsitem", "newsmessage", "packageitem", "planningitem", "conceptitem", "knowledgeitem"),
        "newsmlg2",
    ),
    "newsml": "newsml1",
    "nitf": "nitf",
}
_MARKUP = re.compile(r"<[a-zA-Z!?/]")


def sniff(text: str, reading: Reading) -> str:
    """Return the name of the format, one of those in FORMATS.

    Raises UnreadableError, with a sentence that says what to do, for anything else.
    """
    start = text.lstrip("\ufeff\0 \t\r\n")
    if not start:
        raise UnreadableError("The answer is empty. Check the address, or wait for the next fetch.")
    for name, module in (("iptc7901", iptc7901), ("anpa1312", anpa1312)):
        if module.is_message(start):
            return name
    if start[0] in "{[":
        return _json_format(start, reading)
    if _PAGE.match(start):
        raise UnreadableError(
            "This is an HTML page, not a feed. Check the address: a sign-in or an error page"
            " may have been sent in its place.",
            "html",
        )
    return _xml_format(start)


def _xml_format(text: str) -> str:
    root = _ROOT.search(text)
    name = root[1].lower() if root else ""
    if name in _XML:
        return _XML[name]
    if not _MARKUP.search(text):
        raise UnreadableError(
            "This is plain text, not a feed. Ask the agency for NewsML-G2, ninjs, RSS or Atom."
        )
    first = name or (found[1] if (found := _FIRST.search(text)) else "?")
    raise UnreadableError(
        f"This is markup with the root element <{first[:40]}>, which is no format we read."
        " Check the address, or ask the agency for NewsML-G2, ninjs, RSS or Atom."
    )


def _json_format(text: str, reading: Reading) -> str:
    """Tell JSON Feed from ninjs by the keys at the top, without trusting their order."""
    found = load_json(text, reading)
    if isinstance(found, dict) and "items" in found and not _is_ninjs_list(found):
        return "jsonfeed"
    return "ninjs"


def _is_ninjs_list(found: dict[str, object]) -> bool:
    items = found["items"]
    if "jsonfeed" in str(found.get("version", "")).lower() or not isinstance(items, list):
        return False
    return any(isinstance(item, dict) and ("uri" in item or "guid" in item) for item in items)
