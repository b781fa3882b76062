"""Foreign HTML made such that parsing it takes a time in step with its length.

A parser compares each attribute of a tag with all before it, joins each character reference to
the text before it, and goes up all open elements: absurd input would hold a process for minutes.
"""

import re
from itertools import islice

MOST_ATTRIBUTES = 100
"""Attributes of one tag that are read; no honest tag has as many."""

_DEEPEST = 400
_REFERENCES_TOGETHER = 256
_ANY_TAG = re.compile(r"<[a-zA-Z/!?][^<>]*>")
_NESTING = re.compile(
    r"<(/?)(?!(?:p|li|br|hr|img|input|dt|dd|t[dhr]|wbr|source|link|meta|option|b|i|em|a|font)\b)"
    r"[a-zA-Z]",
    re.IGNORECASE,
)
_ATTRIBUTE = (
    r"[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:\"[^\"]*+\"?|'[^']*+'?|[^\s\"'>][^\s>]*+|(?=>)))?+"
)
_ONE_ATTRIBUTE = re.compile(_ATTRIBUTE)
_START_TAG = re.compile(rf"(<[a-zA-Z][^\s/>]*+)((?:{_ATTRIBUTE})*+)")
_BLOCK_END = re.compile(r"</(?:p|div|h[1-6]|[uo]l|table|blockquote|figure|section)\s*>|\n[ \t]*\n")
_EMBEDDED = re.compile(r"data:[\w.+-]+/[\w.+-]+;base64,[A-Za-z0-9+/=%\s]{200,}")
_LONG_TAG = 4 * MOST_ATTRIBUTES
_TAG_OR_REFERENCE = re.compile(r"<[a-zA-Z/!?](?:\"[^\"]*\"|'[^']*'|[^\"'<>])*+>|&")


def bounded(html: str) -> str:
    """Return *html* without lone surrogates, without tags where they nest absurdly deep, with few
    attributes to a tag and few references to a text; the same words, for any parser.
    """
    if not html.isascii():
        html = html.encode("utf-8", "ignore").decode("utf-8")
    html = _parted(slimmed(html))
    if html.count("<") <= _DEEPEST:
        return html
    depth = 0
    for tag in _NESTING.finditer(html):
        depth = max(depth - 1, 0) if tag[1] else depth + 1
        if depth > _DEEPEST:
            return _ANY_TAG.sub(" ", html)
    return html


def within(html: str, most: int) -> tuple[str, bool]:
    """Return *html* up to *most* characters, and whether words were cut off: where a block ends,
    else before a tag or a word. Pictures written into it as data count for nothing: none is kept.
    """
    html = html if len(html) <= most else _EMBEDDED.sub("", html)
    if len(html) <= most:
        return html, False
    ends = [found.end() for found in _BLOCK_END.finditer(html, 0, most)]
    places = (ends[-1] if ends else 0, html.rfind("<", 0, most), html.rfind(" ", 0, most), most)
    return html[: next(place for place in places if place > 0)], True


def slimmed(html: str) -> str:
    """Return *html* with the first attributes of each tag; most have fewer and stay as they are."""
    if len(html) < _LONG_TAG:
        return html
    return _START_TAG.sub(_slim, html) if _has_long_tag(html) else html


def _has_long_tag(html: str) -> bool:
    return any(tag.end(2) - tag.start(2) > _LONG_TAG for tag in _START_TAG.finditer(html))


def _slim(tag: re.Match[str]) -> str:
    if len(tag[2]) <= _LONG_TAG:
        return tag[0]
    first = [found[0] for found in islice(_ONE_ATTRIBUTE.finditer(tag[2]), MOST_ATTRIBUTES)]
    return tag[1] + "".join(first)


def _parted(html: str) -> str:
    """A comment after so many references: it parts the text for the parser, and is gone after."""
    if html.count("&") <= _REFERENCES_TOGETHER:
        return html
    parts, position, together = [], 0, 0
    for found in _TAG_OR_REFERENCE.finditer(html):
        together = together + 1 if found[0] == "&" else 0
        if together > _REFERENCES_TOGETHER:
            parts += [html[position : found.start()], "<!---->"]
            position, together = found.start(), 1
    return "".join([*parts, html[position:]])
