"""Mends the text of an XML feed before any parser sees it, so that no word is lost."""

import re
from html.entities import html5

from broadsheet.wire.formats.doctype import without_doctype
from broadsheet.wire.formats.parsed import Reading

_START = re.compile(r"<\?xml\b|<!DOCTYPE\b|<(?:[\w.-]+:)?(?:rss|rdf|feed)[\s/>]", re.IGNORECASE)
_DECLARATION = re.compile(r"\s*<\?xml\b[^>]*>", re.IGNORECASE)
_ROOT = re.compile(r"<((?:[\w.-]+:)?(?:rss|rdf|feed))(?=[\s/>])", re.IGNORECASE)
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_OPENER = re.compile(r"<!\[CDATA\[|<!--|<\?")
_CLOSERS = {"<![CDATA[": "]]>", "<!--": "-->", "<?": "?>"}
_FINE = r"(?:amp|lt|gt|quot|apos|#(?:3[2-9]|[4-9]\d|1[01]\d|12[0-6]|1[6-9]\d|[2-9]\d\d|\d{4}));"
_AMPERSAND = re.compile(rf"&(?!{_FINE})(#[xX]?[0-9a-fA-F]+;|[a-zA-Z][\w.-]*;)?")
_STRAY = re.compile(r"<(?![a-zA-Z_/!?])|<(?=/[^a-zA-Z_])")
_PREFIX = re.compile(
    r"</?([A-Za-z_][\w.-]*):(?=[A-Za-z_])|\s([A-Za-z_][\w.-]*):[A-Za-z_][\w.-]*\s*=\s*[\"']"
)
_ROOT_TAG = re.compile(_ROOT.pattern + r"(?:\"[^\"]*\"|'[^']*'|[^<>\"'])*>", re.IGNORECASE)
_ITEM = re.compile(r"(?=<(?:[\w.-]+:)?(?:item|entry|deleted-entry)[\s>])")
_ITEM_END = re.compile(r"</(?:[\w.-]+:)?(?:item|entry|deleted-entry)\s*>")
_DECLARED = re.compile(r"\bxmlns:([\w.-]+)\s*=")
_UNCLOSED = re.compile(r"<(br|hr|img)\b([^<>]*?)/?>(?:\s*</\1>)?", re.IGNORECASE)
_ESCAPED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
NAMESPACES = {
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "media": "http://search.yahoo.com/mrss/",
    "atom": "http://www.w3.org/2005/Atom",
    "at": "http://purl.org/atompub/tombstones/1.0",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "xhtml": "http://www.w3.org/1999/xhtml",
}


def repair(text: str, reading: Reading) -> str:
    """Return *text* ready for a strict parser where that is possible; repairs are recorded.

    Raises UnreadableError for an entity bomb.
    """
    text, entities = without_doctype(_from_the_start(text, reading), reading)
    text = _DECLARATION.sub("", text, count=1)
    parts = sections(_to_the_end(_visible(text, reading), reading), reading)
    parts[::2] = [_escaped(part, entities, reading) for part in parts[::2]]
    return _declared("".join(parts), parts[::2], reading)


def with_closed_voids(text: str) -> str:
    """Return *text* with ``<br>``, ``<hr>`` and ``<img>`` closed as XML wants them."""
    parts = sections(text, Reading())
    parts[::2] = [_UNCLOSED.sub(r"<\1\2/>", part) for part in parts[::2]]
    return "".join(parts)


def divided(text: str) -> tuple[str, list[str]]:
    """Cut a feed into its head and its items, each inside a root of its own.

    The names an item uses are declared on the root, so its start tag is repeated.
    """
    tag = _ROOT_TAG.search(text)
    start = tag[0].rstrip("/>") + ">" if tag else ""
    pieces = [""]
    for number, part in enumerate(sections(text, Reading())):
        first, *others = [part] if number % 2 else _ITEM.split(part)
        pieces[-1] += first
        pieces += others
    return pieces[0], [start + _one_item(piece) for piece in pieces[1:]]


def _one_item(piece: str) -> str:
    """Leave out what follows the end of the item, where the item has an end."""
    ends = list(_ITEM_END.finditer(piece))
    return piece[: ends[-1].end()] if ends else piece


def _from_the_start(text: str, reading: Reading) -> str:
    text = text.lstrip("\ufeff")
    start = _START.search(text)
    if start is None or start.start() == 0 or text.startswith("<!--"):
        return text
    if text[: start.start()].strip(" \t\r\n\0"):
        reading.repaired("Text before the start of the feed was left out.")
    return text[start.start() :]


def _visible(text: str, reading: Reading) -> str:
    text, count = _UNSEEN.subn("", text)
    if count:
        reading.repaired("Control characters, which XML forbids, were removed.")
    return text


def sections(text: str, reading: Reading) -> list[str]:
    """Divide *text* into markup and CDATA sections by turns.

    Comments and instructions are left out. A section that the end of the text cuts open is
    closed, and a comment that never ends is opened up again, so that no word is swallowed.
    """
    parts, outside, position = [], [], 0
    endless: set[str] = set()
    while opener := _OPENER.search(text, position):
        outside.append(text[position : opener.start()])
        kind = opener[0]
        end = -1 if kind in endless else text.find(_CLOSERS[kind], opener.end())
        if end < 0 and kind != "<![CDATA[":
            endless.add(kind)
            reading.repaired("A comment or instruction that never ends was opened up again.")
            position = opener.end()
            continue
        if kind == "<![CDATA[":
            if end < 0:
                _cut_open(reading)
            inside = text[opener.end() : end if end >= 0 else None]
            parts += ["".join(outside), f"<![CDATA[{inside}]]>"]
            outside = []
        position = len(text) if end < 0 else end + 3 - (kind == "<?")
    return [*parts, "".join([*outside, text[position:]])]


def _cut_open(reading: Reading) -> None:
    reading.repaired("The file ends inside a text section, which was closed.")
    reading.is_damaged = True


def _to_the_end(text: str, reading: Reading) -> str:
    root = _ROOT.search(text)
    end = text.rfind(f"</{root[1]}") if root else -1
    close = text.find(">", end) if end >= 0 else -1
    if close < 0:
        return text
    if text[close + 1 :].strip():
        reading.repaired("Text after the end of the feed was left out.")
    return text[: close + 1]


def _escaped(part: str, entities: dict[str, str], reading: Reading) -> str:
    def reference(found: re.Match[str]) -> str:
        name = found[1] or ""
        if name.startswith("#"):
            return _character(name[1:-1], reading)
        return _named(name, entities, reading)

    part, strays = _STRAY.subn("&lt;", _AMPERSAND.sub(reference, part))
    if strays:
        reading.repaired('A "<" that starts no element was read as text.')
    return part


def _named(name: str, entities: dict[str, str], reading: Reading) -> str:
    if not name:
        reading.repaired('A bare "&" was read as text.')
        return "&amp;"
    stated = entities.get(name[:-1])
    known = stated if stated is not None else html5.get(name)
    if known is None:
        reading.repaired(f"The unknown entity &{name[:40]} was kept as text.")
        return f"&amp;{name}"
    if stated is None:
        reading.repaired("HTML entities, which XML does not know, were read as characters.")
    return "".join(_ESCAPED.get(char, char) for char in known)


def _character(digits: str, reading: Reading) -> str:
    """Read a numeric reference; 128 to 159 mean cp1252, as in HTML."""
    base = 16 if digits[:1] in "xX" else 10
    try:
        code = int(digits.lstrip("xX"), base)
    except ValueError:
        return f"&amp;#{digits};"
    if 0x80 <= code <= 0x9F:
        return bytes([code]).decode("cp1252", "ignore")
    if code > 0x10FFFF or (code < 32 and code not in (9, 10, 13)) or _UNSEEN.match(chr(code)):
        reading.repaired("References to characters that XML forbids were removed.")
        return ""
    return f"&#{code};"


def _declared(text: str, outside: list[str], reading: Reading) -> str:
    """Declare, on the root, the prefixes that are used without having been declared."""
    found = (pair for part in outside for pair in _PREFIX.findall(part))
    used = {tag or attribute for tag, attribute in found} - {"xml", "xmlns"}
    missing = sorted(used.difference(_DECLARED.findall(text)))
    root = _ROOT.search(text)
    if not missing or root is None:
        return text
    reading.repaired(
        f"Prefixes used without a declaration were declared: {', '.join(missing[:10])}."
    )
    places = "".join(
        f' xmlns:{prefix}="{NAMESPACES.get(prefix, "urn:undeclared:" + prefix)}"'
        for prefix in missing[:50]
    )
    return text[: root.end()] + places + text[root.end() :]
