"""Loads an agency's XML: strictly, for an agency that sends broken XML has a fault to hear of.

Nothing is repaired, no entity is read, no DTD is loaded, nothing is fetched. Elements are then
found by their local name within the namespace they stand in, whatever prefix was chosen.
"""

import codecs
import re
from collections.abc import Iterable, Iterator
from html import escape

from lxml import etree

from broadsheet.wire.formats.charset import stated_charset
from broadsheet.wire.formats.doctype import without_doctype
from broadsheet.wire.formats.labels import decoded, is_one_byte, windows_of
from broadsheet.wire.formats.parsed import Reading, UnreadableError
from broadsheet.wire.formats.tree import Element

_BYTE_ORDER_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DECLARATION = re.compile(r"\s*<\?xml\b[^>]*\?>")
_ASK = (
    "An agency's text is never repaired: ask the agency to send it again, or let it mend its"
    " system and replay this fetch."
)
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_VOID = frozenset({"br", "hr", "img", "wbr"})


def characters(data: bytes, content_type: str | None, name: str) -> str:
    """Return the text of *data* in the charset it states, UTF-8 when it states none.

    ISO-8859-1 with bytes of Windows in it is read as Windows-1252, as everyone does, and GB2312
    as the GBK that is meant (WHATWG Encoding). Raises UnreadableError when the bytes are not
    what they are stated to be.
    """
    if data.startswith(_BYTE_ORDER_MARKS):
        charset = "utf-8-sig" if data.startswith(codecs.BOM_UTF8) else "utf-16"
    else:
        charset = stated_charset(data, content_type) or "utf-8"
    if is_one_byte(charset) and not data.isascii() and decoded(data, "utf-8") is not None:
        raise UnreadableError(f"The {name} is stated to be {charset}, but is UTF-8. {_ASK}")
    charset = windows_of(charset, data)
    text = decoded(data, charset)
    if text is None:
        raise UnreadableError(
            f"The {name} is stated to be {charset}, but line {_faulty_line(data, charset)} has"
            f" bytes that are not. {_ASK}"
        )
    return text


def _faulty_line(data: bytes, charset: str) -> int:
    try:
        data.decode(charset)
    except UnicodeError as fault:
        return data.count(b"\n", 0, getattr(fault, "start", 0)) + 1
    return 1


def load_strictly(text: str, name: str) -> Element:
    """Return the root of *text*, a document in the format called *name*.

    A document type declaration is taken off and never followed. Raises UnreadableError, naming
    the format, the line and what to do, when the XML is not well formed.
    """
    declared = _DECLARATION.match(text)
    body = text[declared.end() :] if declared else text.lstrip()
    rest, _ = without_doctype(body, Reading())
    missing = text.count("\n") - rest.count("\n")
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(rest.encode("utf-8", "surrogatepass"), parser)
    except etree.XMLSyntaxError as fault:
        line = (fault.lineno or 1) + missing
        raise UnreadableError(
            f"The {name} is not well-formed XML: line {line}: {_reason(fault)}. {_ASK}"
        ) from fault


def _reason(fault: etree.XMLSyntaxError) -> str:
    return (fault.msg or "no element found").partition(", line")[0].strip()


def local(element: Element) -> str:
    """Return the name without its namespace, "" for what is no element."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _space(element: Element) -> str:
    return element.tag.rpartition("}")[0] if isinstance(element.tag, str) else ""


def children(element: Element | None, *names: str) -> list[Element]:
    """Return the child elements of these names in the parent's namespace, or all elements."""
    if element is None:
        return []
    space = _space(element)
    inner = [child for child in element if isinstance(child.tag, str)]
    return [c for c in inner if not names or (local(c) in names and _space(c) == space)]


def child(element: Element | None, *path: str) -> Element | None:
    """Return the first element on the path of names, None when there is none."""
    for name in path:
        element = next(iter(children(element, name)), None)
    return element


def every(element: Element | None, *names: str) -> Iterator[Element]:
    """Yield all descendants of these names, in any namespace, in document order."""
    if element is not None:
        yield from (part for part in element.iterdescendants() if local(part) in names)


def words(element: Element | None) -> str:
    """Return the text of an element and all it holds, as one line."""
    return "" if element is None else " ".join("".join(element.itertext()).split())


def lines(elements: Iterable[Element]) -> list[str]:
    """Return the texts that are not empty, each once."""
    return list(dict.fromkeys(text for element in elements if (text := words(element))))


def attribute(element: Element | None, *names: str) -> str:
    """Return the first of these attributes that is not empty."""
    if element is None:
        return ""
    return next((value for name in names if (value := str(element.get(name) or "").strip())), "")


def number(text: str) -> int | None:
    """Return a whole number of at most nine digits, also one with "px" behind it."""
    digits = text.strip().removesuffix("px")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None


def language(element: Element | None) -> str:
    """Return xml:lang of the element itself or of the nearest one above."""
    while element is not None:
        if stated := element.get(_LANGUAGE):
            return str(stated).strip()
        element = element.getparent()
    return ""


def in_language(elements: list[Element], wanted: str) -> list[Element]:
    """Return those in the wanted language; where none are, those that name no other, else all."""
    low = wanted.lower().partition("-")[0]
    for fits in (low, ""):
        stated = [(e, str(e.get(_LANGUAGE) or "").lower().partition("-")[0]) for e in elements]
        if found := [element for element, tag in stated if tag == fits]:
            return found
    return elements


def inner_html(element: Element) -> str:
    """Return what stands inside an XHTML element, as HTML without prefixes."""
    parts = [escape(element.text or "", quote=False)]
    for part in element:
        parts += [_outer_html(part), escape(part.tail or "", quote=False)]
    return "".join(parts)


def _outer_html(element: Element) -> str:
    name = local(element)
    if not name:
        return ""
    attributes = "".join(
        f' {str(key).rpartition("}")[2]}="{escape(str(value))}"'
        for key, value in element.attrib.items()
    )
    if name.lower() in _VOID:
        return f"<{name}{attributes}>"
    return f"<{name}{attributes}>{inner_html(element)}</{name}>"
