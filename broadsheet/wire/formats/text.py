"""Single lines of text from feeds: unescaped, without tags, without characters no one sees."""

import re
from html import unescape

LONGEST_HEADLINE = 250
LONGEST_STANDFIRST = 500
_LONGEST_LINE = 2000
_LONGEST_RAW = 10_000
_WITH_CONTENT = re.compile(r"<(script|style)\b[^<>]*>.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_NAMES = """
    a abbr acronym address applet area article aside audio b base bdi bdo big blockquote body br
    button canvas caption center cite code col data dd del details dfn dialog dir div dl dt em
    embed fieldset figcaption figure font footer form frame frameset h[1-6] head header hgroup
    hr html i iframe img input ins kbd label legend li link main map mark math menu meta meter
    nav nobr noscript object ol optgroup option output p param picture pre progress q rp rt ruby
    s samp script section select small source span strike strong style sub summary sup svg table
    tbody td template textarea tfoot th thead time title tr track tt u ul var video wbr
"""
IS_HTML = re.compile("|".join(_NAMES.split()), re.IGNORECASE)
"""Matches the whole name of an element of HTML."""

_TAG = re.compile(
    rf"</?(?:{'|'.join(_NAMES.split())})(?=[\s/>])[^<>]*>|<!--.*?-->|<!\[CDATA\[|\]\]>"
    r"|<!doctype\s[^<>]*>",
    re.DOTALL | re.IGNORECASE,
)
_REFERENCE = re.compile(r"&(#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]\w{1,30});")
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)
_ODD = re.compile(f"[<&\u200c\u200d]|{_UNSEEN.pattern}")
_JOINER = re.compile("(?<![^\x00-\u02ff])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\u02ff])")


def line(text: str, most: int = _LONGEST_LINE) -> str:
    """Return *text* as one line of plain text of at most *most* characters.

    Tags of HTML go (a "<" of any other kind is a character), references are read (also when
    escaped twice), direction marks and zero-width characters are removed; joiners stay
    between letters of scripts that are written with them. What is too long is cut after a
    word and marked "…".
    """
    if not text:
        return ""
    text = text[:_LONGEST_RAW]
    if not _ODD.search(text):
        return shortened(" ".join(text.split()), most)
    for _ in range(3):
        before = text
        text = _REFERENCE.sub(_read, _untagged(_WITH_CONTENT.sub(" ", text)))
        if text == before:
            break
    return shortened(" ".join(seen(_untagged(text)).split()), most)


def _untagged(text: str) -> str:
    return _TAG.sub(" ", text) if "<" in text or "]]>" in text else text


def seen(text: str) -> str:
    """Return *text* without control characters, direction marks and zero-width characters."""
    return _JOINER.sub("", _UNSEEN.sub("", text))


def shortened(text: str, most: int) -> str:
    """Cut after the last whole word within *most* characters, marked "…"."""
    if len(text) <= most:
        return text
    head = text[: most - 1]
    return (head.rpartition(" ")[0] or head).rstrip(" ,;:-–—") + "…"


def has_template_marks(text: str) -> bool:
    """Whether a template placeholder of someone's system is left in the text."""
    return "{" in text and ("{{" in text or "{%" in text)


def _read(reference: re.Match[str]) -> str:
    return unescape(reference[0])
