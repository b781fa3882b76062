"""XML as feeds and sitemaps write it."""

import re
from typing import Any

from lxml import etree

ATOM = "http://www.w3.org/2005/Atom"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
DC = "http://purl.org/dc/elements/1.1/"
DCTERMS = "http://purl.org/dc/terms/"
MEDIA = "http://search.yahoo.com/mrss/"
TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"

_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def writable(text: str) -> str:
    """The text without characters that XML 1.0 cannot hold (section 2.2)."""
    return _UNWRITABLE.sub("", text)


def add(parent: Any, name: str, text: str = "", /, **attributes: str) -> Any:
    """Append an element; `name` may be "{namespace}name". Returns it."""
    element = etree.SubElement(
        parent, name, {key: writable(value) for key, value in attributes.items()}
    )
    if text:
        element.text = writable(text)
    return element


def document(root: Any) -> bytes:
    """The whole, in UTF-8 with its declaration."""
    return bytes(etree.tostring(root, xml_declaration=True, encoding="utf-8"))
