"""Writes a body in one shape: blocks in order, inline marks properly nested, nothing empty.

The writer is fed a balanced stream of tags and text. What it writes is read back by any
HTML parser as exactly the same tree, which is why sanitising twice changes nothing:
paragraphs never hold blocks, inline marks never cross a block, lists hold only items,
tables only rows. Blocks and marks are opened late, when their first content comes.
"""

import re
from dataclasses import dataclass
from html import escape

from broadsheet.kit.html.allowed import BLOCKS, BOUNDARIES, CELLS, LISTS, LOCKED, SECTIONS

_SPACE = " \t\n\r\f"
_SPACES = re.compile(r"[\t\n\r\f][ \t\n\r\f]*| [ \t\n\r\f]+")
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff\ud800-\udfff]")
_TABLE = SECTIONS | {"table", "tr"}
_PARENTS = {
    "caption": frozenset({"table"}),
    "tr": SECTIONS,
    **dict.fromkeys(SECTIONS, frozenset({"table"})),
    **dict.fromkeys(CELLS, frozenset({"tr"})),
}
_NESTING = frozenset({"blockquote", "ul", "ol", "table", "figure"})
_DEEPEST = 12


@dataclass(slots=True, eq=False)
class _Block:
    kind: str
    tag: str
    implied: bool = False
    opened: bool = False


@dataclass(slots=True, eq=False)
class _Mark:
    kind: str
    tag: str
    opened: bool = False


class Writer:
    """Takes ``start``, ``text``, ``end`` in document order; ``finish`` gives the HTML."""

    def __init__(self) -> None:
        self._out: list[str] = []
        self._blocks: list[_Block] = []
        self._marks: list[_Mark] = []
        self._entered: list[_Block | _Mark | None] = []
        self._fresh = True
        self._gap = ""
        self._breaks = 0

    def start(self, kind: str, attributes: str = "") -> None:
        """Enter an element; *attributes* is written as it is, with its leading space."""
        if kind in BLOCKS:
            self._entered.append(self._enter_block(kind, f"<{kind}{attributes}>"))
        elif kind in BOUNDARIES:
            self._bound()
            self._entered.append(None)
        else:
            self._entered.append(self._enter_mark(kind, f"<{kind}{attributes}>"))

    def skip(self) -> None:
        """Enter an element that leaves no trace but its content."""
        self._entered.append(None)

    def end(self, kind: str) -> None:
        """Leave the element entered last."""
        entered = self._entered.pop() if self._entered else None
        if isinstance(entered, _Mark):
            self._leave_mark(entered)
        elif entered in self._blocks:
            while self._blocks[-1] is not entered:
                self._pop()
            self._pop()
        elif kind in BLOCKS or kind in BOUNDARIES:
            self._bound()

    def text(self, data: str) -> None:
        """Write text; white space is folded except inside ``pre``."""
        if not data.isprintable():
            data = _UNSEEN.sub("", data).replace("\u2028", "\n").replace("\u2029", "\n")
        kept = data.strip(_SPACE)
        if not kept:
            self._gap += data
            return
        self._gap += data[: len(data) - len(data.lstrip(_SPACE))]
        self._prepare()
        is_pre = self._blocks[-1].kind == "pre"
        self._out.append(escape(kept if is_pre else _SPACES.sub(" ", kept), quote=False))
        self._gap = data[len(data.rstrip(_SPACE)) :]

    def picture(self, tag: str) -> None:
        """Write an ``img`` tag where text may stand."""
        self._prepare()
        self._out.append(tag)

    def line_break(self) -> None:
        """End the line; two breaks in a paragraph start a new one."""
        self._breaks += 1
        if self._blocks and self._blocks[-1].kind == "pre":
            self._gap += "\n"

    def rule(self) -> None:
        """Write an ``hr`` between blocks."""
        if self._is_locked():
            return self._bound()
        self._make_room()
        self._open_blocks()
        self._out.append(self._separator() + "<hr>")
        self._clear()

    def finish(self) -> str:
        """Close what is open and return the HTML."""
        while self._blocks:
            self._pop()
        return "".join(self._out)

    def _enter_block(self, kind: str, tag: str) -> _Block | None:
        is_too_deep = kind in _NESTING and self._is_deep()
        if self._is_locked() or is_too_deep or not self._room_for(kind):
            self._bound()
            return None
        self._close_marks()
        self._clear()
        block = _Block(kind, tag)
        self._blocks.append(block)
        if kind in CELLS:
            self._open_blocks()
        return block

    def _room_for(self, kind: str) -> bool:
        if kind in _PARENTS:
            return self._room_in_table(kind)
        if kind == "figcaption":
            return self._top() == "figure"
        if kind == "li":
            while self._top() == "p" or (self._is_implied() and self._top() not in LISTS):
                self._pop()
            if self._top() in LISTS:
                return True
            if self._is_deep():
                return False
            self._make_room()
            self._imply("ul")
            return True
        self._make_room()
        return True

    def _room_in_table(self, kind: str) -> bool:
        if not any(block.kind == "table" for block in self._blocks):
            return False
        while self._is_implied() and self._top() not in _PARENTS[kind]:
            self._pop()
        if kind == "caption":
            return self._top() == "table" and not self._blocks[-1].opened
        if self._top() == "table" and (kind == "tr" or kind in CELLS):
            self._imply("tbody")
        if self._top() in SECTIONS and kind in CELLS:
            self._imply("tr")
        return self._top() in _PARENTS[kind]

    def _make_room(self) -> None:
        """Leave or imply blocks until another block may stand here."""
        while self._blocks:
            top = self._top()
            if top == "p" or (top == "ul" and self._is_implied()):
                self._pop()
            elif top in LISTS:
                self._imply("li")
            elif top in _TABLE:
                self._imply({"table": "tbody", "tr": "td"}.get(top, "tr"))
            else:
                return

    def _prepare(self) -> None:
        """Make the place where text or a picture is written next."""
        if self._top() not in LOCKED and self._top() != "p":
            if self._top() in LISTS or self._top() in _TABLE:
                self._make_room()
            if self._top() in ("", "blockquote"):
                self._imply("p")
        if self._breaks > 1 and self._top() == "p" and not self._fresh:
            self._split_paragraph()
        gap = "" if self._fresh and self._top() != "pre" else self._gap_written()
        self._open_blocks()
        self._out.append(gap)
        for mark in self._marks:
            if not mark.opened:
                self._out.append(mark.tag)
                mark.opened = True
        self._fresh, self._gap, self._breaks = False, "", 0

    def _gap_written(self) -> str:
        if self._top() == "pre":
            return self._gap.rpartition("\n")[2] if self._fresh else self._gap
        if self._breaks:
            return "<br>" * min(self._breaks, 2)
        return " " if self._gap else ""

    def _split_paragraph(self) -> None:
        self._close_marks()
        self._out.append("</p>")
        self._blocks[-1].opened = False
        self._clear()

    def _enter_mark(self, kind: str, tag: str) -> _Mark | None:
        if any(mark.kind == kind for mark in self._marks):
            return None
        mark = _Mark(kind, tag)
        self._marks.append(mark)
        return mark

    def _leave_mark(self, mark: _Mark) -> None:
        if mark.opened:
            self._out.append(f"</{mark.kind}>")
        self._marks.remove(mark)

    def _close_marks(self) -> None:
        for mark in reversed(self._marks):
            if mark.opened:
                self._out.append(f"</{mark.kind}>")
                mark.opened = False

    def _bound(self) -> None:
        """Separate what came from what comes, without an element of its own."""
        if self._top() == "pre":
            self._gap += "\n"
        elif self._is_locked():
            self._gap += " "
        elif self._top() == "p":
            self._pop()
        elif not self._fresh:
            self._breaks = max(self._breaks, 1)

    def _open_blocks(self) -> None:
        for block in self._blocks:
            if not block.opened:
                self._out.append(self._separator() if block is self._blocks[0] else "")
                self._out.append(block.tag)
                block.opened = True

    def _separator(self) -> str:
        opened = any(block.opened for block in self._blocks)
        return "\n" if self._out and not opened else ""

    def _pop(self) -> None:
        self._close_marks()
        block = self._blocks.pop()
        if block.opened:
            self._out.append(f"</{block.kind}>")
        self._clear()

    def _clear(self) -> None:
        self._fresh, self._gap, self._breaks = True, "", 0

    def _imply(self, kind: str) -> None:
        self._close_marks()
        self._clear()
        self._blocks.append(_Block(kind, f"<{kind}>", implied=True))

    def _is_deep(self) -> bool:
        return sum(block.kind in _NESTING for block in self._blocks) >= _DEEPEST

    def _top(self) -> str:
        return self._blocks[-1].kind if self._blocks else ""

    def _is_implied(self) -> bool:
        return bool(self._blocks) and self._blocks[-1].implied

    def _is_locked(self) -> bool:
        return self._top() in LOCKED
