"""Reads sanitised HTML: as text, in paragraphs, by words, divided for the teaser."""

import re
from dataclasses import dataclass, field
from functools import cache
from html import escape, unescape
from itertools import pairwise

import nh3

from broadsheet.kit.html.allowed import BREAKING, DROPPED, INLINES, VOID
from broadsheet.kit.html.bounding import bounded
from broadsheet.kit.html.sanitising import sanitise

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:\"[^\"]*\"|'[^']*'|[^<>\"'])*)>")
_WITHIN = re.compile(rf"</?(?:{'|'.join(sorted(INLINES))}|img)(?: [^>]*)?>")
_BREAKING = re.compile(r"<[^>]*>")
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff\ud800-\udfff]")
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(rf"[{_CJK}]|(?!…+(?:\s|$))[^\s{_CJK}]+")
_SENTENCE_END = re.compile(r"[.!?。！？][\"'”’»)\]]*$")


def plain(html: str) -> str:
    """Return the text of any HTML: tags gone, entities read, one line per block."""
    kept = _TAG.sub(_line_or_nothing, _breaks_only().clean(bounded(html)))
    text = _UNSEEN.sub("", unescape(kept))
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def paragraphs(html: str) -> list[str]:
    """Return the top-level blocks of sanitised HTML, each as its HTML, in order.

    Together they are the whole, up to white space between them.
    """
    ends, depth = [0], 0
    for tag in _TAG.finditer(html):
        if tag[2] == "hr" and depth == 0:
            ends += [tag.start(), tag.end()]
        elif tag[2] not in VOID:
            ends += [tag.start()] if depth == 0 and tag[2] in BREAKING else []
            depth = max(depth - 1, 0) if tag[1] else depth + 1
            ends += [tag.end()] if depth == 0 and tag[2] in BREAKING else []
    ends.append(len(html))
    slices = (html[a:b].strip() for a, b in pairwise(ends))
    return [part for part in slices if part]


def words(html: str) -> int:
    """Count the words a reader sees; a Chinese or Japanese character counts as one."""
    return sum(1 for _ in _WORD.finditer(plain(html)))


def teaser(html: str) -> tuple[str, str]:
    """Divide a sanitised body into what everyone may read and the rest.

    Open are the blocks up to the second text paragraph, or only to the first, and never
    more than 30 % of the words. Where even the first is longer it is cut, after a sentence
    if one ends in the second half of what is allowed, else after a word, and marked "…".
    The words of the two parts in order, that mark aside, are the words of the whole.
    """
    blocks = paragraphs(html)
    allowance = 3 * words(html) // 10
    count = _blocks_within(blocks, allowance)
    if count:
        return "\n".join(blocks[:count]), "\n".join(blocks[count:])
    lead: list[str] = []
    for block in blocks:
        size = words(block)
        if size > allowance:
            break
        lead.append(block)
        allowance -= size
    rest = blocks[len(lead) :]
    if rest and (at := _cutting_point(linear(rest[0]), allowance)):
        shown, hidden = cut(rest[0], at, mark=True)
        return "\n".join([*lead, shown]), "\n".join([hidden, *rest[1:]])
    return "\n".join(lead), "\n".join(rest)


def cut(block: str, at: int, *, mark: bool = False) -> tuple[str, str]:
    """Divide sanitised HTML after *at* characters of its text; both parts are sanitised.

    Characters are counted as in the text nodes, with one for every tag that ends a line.
    With *mark* the first part ends in "…".
    """
    knife = _Knife(at)
    position = 0
    for tag in _TAG.finditer(block):
        knife.text(unescape(block[position : tag.start()]))
        knife.tag(tag)
        position = tag.end()
    knife.text(unescape(block[position:]))
    return sanitise(knife.first(mark)), sanitise("".join(knife.right))


@dataclass(slots=True)
class _Knife:
    """Deals tags and text to the left until *left_over* characters are used up."""

    left_over: int
    left: list[str] = field(default_factory=list)
    right: list[str] = field(default_factory=list)
    is_past: bool = False
    _open: list[tuple[str, str]] = field(default_factory=list)
    _closing: str = ""

    def text(self, text: str) -> None:
        if not self.is_past and len(text) >= self.left_over:
            self._pass(text[: self.left_over])
            text = text[self.left_over :].lstrip()
        elif not self.is_past:
            self.left_over -= len(text)
        (self.right if self.is_past else self.left).append(escape(text, quote=False))

    def tag(self, tag: re.Match[str]) -> None:
        (self.right if self.is_past else self.left).append(tag[0])
        if self.is_past:
            return
        if tag[2] in BREAKING:
            self.left_over = max(self.left_over - 1, 0)
        if tag[1] and self._open:
            self._open.pop()
        elif not tag[1] and tag[2] not in VOID:
            self._open.append((tag[2], tag[0]))

    def first(self, mark: bool) -> str:
        """Return the left part, with its open tags closed."""
        ellipsis = ""
        if mark and self.is_past:
            ellipsis = " …" if _SENTENCE_END.search(unescape(self.left[-1])) else "…"
        return "".join(self.left) + ellipsis + self._closing

    def _pass(self, last: str) -> None:
        self.left.append(escape(last, quote=False))
        self._closing = "".join(f"</{name}>" for name, _ in reversed(self._open))
        self.right += [tag for _, tag in self._open]
        self.is_past = True


def linear(block: str) -> str:
    """Return the text of sanitised HTML as ``cut`` counts it: a new line for a breaking tag."""
    text = _BREAKING.sub("\n", _WITHIN.sub("", block)) if "<" in block else block
    return unescape(text) if "&" in text else text


def _line_or_nothing(tag: re.Match[str]) -> str:
    if tag[2] == "q":
        return "”" if tag[1] else "“"
    return "\n" if tag[2] in BREAKING else ""


def _blocks_within(blocks: list[str], allowance: int) -> int:
    """How many blocks reach the second, else the first, text paragraph within *allowance*."""
    best = seen = total = 0
    for number, block in enumerate(blocks, start=1):
        size = words(block)
        total += size
        if total > allowance or seen == 2:
            break
        if block.startswith("<p>") and size:
            seen, best = seen + 1, number
    return best


def _cutting_point(text: str, allowance: int) -> int:
    """Where to cut *text* so that at most *allowance* words stay, counting the mark as one."""
    ends = [word.end() for word in _WORD.finditer(text)][:allowance]
    for end in reversed(ends[len(ends) // 2 : -1]):
        if _SENTENCE_END.search(text[:end]):
            return end
    if len(ends) > 1 and _SENTENCE_END.search(text[: ends[-1]]):
        ends.pop()
    return ends[-1] if ends else 0


@cache
def _breaks_only() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(BREAKING | {"q"}),
        clean_content_tags=set(DROPPED),
        attributes={},
        link_rel=None,
    )
