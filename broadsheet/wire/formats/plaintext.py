"""What the agencies' plain-text formats share: characters, paragraphs, columns, datelines."""

import re
from codecs import BOM_UTF8
from collections.abc import Iterable
from html import escape

from broadsheet.wire.formats.charset import stated_charset
from broadsheet.wire.formats.labels import decoded, windows_of

_DATELINE = re.compile(r"([^\W\d_][^()\n]{1,60}?)[ \t]*\(([^()\n]{2,30})\)[ \t]*[-–—_]+\s+")
_COLUMNS = re.compile(r"\S(?: {3,}|\t)\S")


def characters(data: bytes, content_type: str | None) -> str:
    """Return the text of the bytes: UTF-8 if they are that, else as the transport states, else
    Latin-1 as the standards say, with what Windows put where it has nothing. Lines end in a
    line feed.
    """
    stated = stated_charset(b"", content_type)
    text = decoded(data.removeprefix(BOM_UTF8), "utf-8")
    if text is None and stated not in ("", "ascii", "iso8859-1"):
        text = decoded(data, windows_of(stated, data))
    if text is None:
        text = data.decode("latin-1").translate(_WINDOWS)
    return re.sub(r"\r+\n?|\n\r", "\n", text)


_WINDOWS = {
    code: shown for code in range(0x80, 0xA0) if (shown := bytes([code]).decode("cp1252", "ignore"))
}


def without_dateline(body: list[str]) -> tuple[list[str], str, str]:
    """Take "Geneva (dpa) - " off the start; return the rest, the place and the agency."""
    first = next((number for number, line in enumerate(body) if line.strip()), None)
    if first is None:
        return body, "", ""
    found = _DATELINE.match(body[first].strip() + " ")
    if not found:
        return body, "", ""
    kept = body[first].strip()[found.end() :]
    place = found[1].rstrip(" ,")
    return [*([kept] if kept else []), *body[first + 1 :]], place, found[2].strip()


def html_of(lines: Iterable[str]) -> str:
    """Return lines of plain text as HTML: paragraphs, columns in their shape, marked headings."""
    return "".join(_block(block) for block in _blocks(lines))


def _blocks(lines: Iterable[str]) -> list[list[str]]:
    """A paragraph begins after an empty line, or with a line that is indented."""
    blocks: list[list[str]] = [[]]
    for line in lines:
        is_table = bool(_COLUMNS.search(line))
        was_table = bool(blocks[-1]) and bool(_COLUMNS.search(blocks[-1][-1]))
        begins = re.match(r"(?: {2}|\t)\s*\S", line) and not is_table
        if not line.strip() or (blocks[-1] and (begins or is_table != was_table)):
            blocks.append([])
        if line.strip():
            blocks[-1].append(line.rstrip())
    return [block for block in blocks if block]


def _block(block: list[str]) -> str:
    if len(block) > 1 and all(_COLUMNS.search(line) for line in block):
        return f"<pre>{escape(chr(10).join(block), quote=False)}</pre>"
    text = " ".join(line.strip() for line in block)
    if heading := re.fullmatch(r"#{1,4}\s+(.{1,120})", text):
        return f"<h3>{escape(heading[1], quote=False)}</h3>"
    return f"<p>{escape(text, quote=False)}</p>"
