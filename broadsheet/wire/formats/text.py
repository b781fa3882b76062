"""Single lines of text from feeds: unescaped, without tags, without characters no one sees."""

import re
from html import unescape

LONGEST_HEADLINE = 250
LONGEST_STANDFIRST = 500
_LONGEST_LINE = 2000
_LONGEST_RAW = 10_000
_WITH_CONTENT = re.compile(r"<(script|style)\b[^<>]*>.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<!--.*?-->|<!\[CDATA\[|\]\]>", re.DOTALL)
_REFERENCE = re.compile(r"&(#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]\w{1,30});")
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)
_JOINER = re.compile("(?<![^\x00-\u02ff])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\u02ff])")
_TEMPLATE = re.compile(r"\{\{|\{%")


def line(text: str, most: int = _LONGEST_LINE) -> str:
    """Return *text* as one line of plain text of at most *most* characters.

    Tags go, references are read (also when escaped twice), direction marks and zero-width
    characters are removed; joiners stay between letters of scripts that are written with
    them. What is too long is cut after a word and marked "…".
    """
    text = text[:_LONGEST_RAW]
    for _ in range(3):
        before = text
        text = _REFERENCE.sub(_read, _TAG.sub(" ", _WITH_CONTENT.sub(" ", text)))
        if text == before:
            break
    return shortened(" ".join(seen(_TAG.sub(" ", text)).split()), most)


def seen(text: str) -> str:
    """Return *text* without control characters, direction marks and zero-width characters."""
    return _JOINER.sub("", _UNSEEN.sub("", text))


def shortened(text: str, most: int) -> str:
    """Cut after the last whole word within *most* characters, marked "…"."""
    if len(text) <= most:
        return text
    head = text[: most - 1]
    return (head.rpartition(" ")[0] or head).rstrip(" ,;:-–—") + "…"


def has_template_marks(*texts: str) -> bool:
    """Whether a template placeholder of someone's system is left in any of the texts."""
    return any(_TEMPLATE.search(text) for text in texts)


def _read(reference: re.Match[str]) -> str:
    return unescape(reference[0])
