"""Which characters the bytes mean.

Order of trust: byte order mark, HTTP header, XML declaration, UTF-8 if the bytes are UTF-8,
cp1252. ISO-8859-1 and US-ASCII are read as cp1252, as every browser does (WHATWG Encoding).
"""

import codecs
import re

from broadsheet.wire.formats.parsed import Reading

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_PROLOG = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']\s*([\w.:-]+)")
_TEXTUAL = re.compile(r"utf-?(8|16|32)|iso8859|cp\d|mac|koi8|gb|big5|shift_jis|euc|iso2022|hz|tis")
_LATIN = frozenset({"iso8859-1", "ascii", "cp1252", "iso8859-15"})
_TWICE = re.compile(r"[\x80-\U0010ffff]+")
_IN_CP1252 = {chr(b): bytes([b]).decode("cp1252", "ignore") or chr(b) for b in range(128, 160)}
_CONTROLS_IN_UTF8 = re.compile(rb"\xc2[\x80-\x9f]")
_CONTROLS = re.compile("[\x80\x82-\x84\x86-\x8c\x8e\x91-\x9c\x9e\x9f]")
_EBCDIC = bytes([0x4C, 0x6F, 0xA7, 0x94])
_OTHER_NAMES = {
    "csmacintosh": "mac-roman",
    "macintosh": "mac-roman",
    "mac": "mac-roman",
    "ms-cyrl": "cp1251",
    "x-cp1251": "cp1251",
    "x-sjis": "shift_jis",
    "x-gbk": "gbk",
}
_BYTE_OF = {bytes([b]).decode("cp1252", "ignore") or chr(b): b for b in range(128, 256)}


def decode(data: bytes, content_type: str | None, reading: Reading) -> str:
    """Return the text of *data*; what does not fit the stated charset is told in *reading*.

    A character that is a control code in Unicode and a letter or quotation mark in cp1252 is
    read as the latter, as browsers read references to it.
    """
    text = _text(data, content_type, reading)
    reading.utf8 = _in_utf8(text, data)
    if _CONTROLS_IN_UTF8.search(reading.utf8) and _CONTROLS.search(text):
        reading.repaired("Control codes were read as the cp1252 characters they stand for.")
        text = _CONTROLS.sub(lambda found: _IN_CP1252[found[0]], text)
        reading.utf8 = text.encode("utf-8")
    return text


def _in_utf8(text: str, data: bytes) -> bytes:
    """The text in UTF-8: the bytes it came in, where they are that."""
    try:
        return data if data.decode("utf-8") == text else text.encode("utf-8")
    except UnicodeDecodeError:
        return text.encode("utf-8")


def _text(data: bytes, content_type: str | None, reading: Reading) -> str:
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _decoded(data[len(mark) :], name, reading)
    stated = [name for name in (_from_header(content_type), _from_prolog(data)) if name]
    for name in stated:
        if name == "utf-8" or (name.startswith(("utf-16", "utf-32")) and 0 not in data[:4]):
            break
        if name in _LATIN and _is_utf8_beyond_ascii(data):
            reading.repaired(f"Stated to be {name}, was UTF-8; read as UTF-8.")
            return data.decode("utf-8")
        if (text := _strictly(data, "cp1252" if name in _LATIN else name)) is not None:
            return text
        reading.repaired(f"Stated to be {name}, but the bytes are not; another charset was tried.")
    return _undoubled(_decoded(data, _from_zeros(data), reading), reading)


def stated_charset(data: bytes, content_type: str | None) -> str:
    """Return Python's name of the charset that the HTTP header or the XML declaration states.

    "" when neither does, or none that we know (RFC 7303, section 3: the header goes first).
    """
    return _from_header(content_type) or _from_prolog(data)


def _decoded(data: bytes, name: str, reading: Reading) -> str:
    text = _strictly(data, name)
    if text is not None:
        return text
    if name != "utf-8":
        reading.repaired(f"Characters that are not {name} were replaced.")
        return data.decode(name, "replace")
    reading.repaired("Bytes that are not UTF-8 were read as cp1252 (Western European).")
    return data.decode("utf-8", "broadsheet-cp1252")


def _strictly(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name)
    except (UnicodeError, LookupError, ValueError):
        return data.decode(name, "replace") if name == "cp1252" else None


def _from_header(content_type: str | None) -> str:
    found = _HEADER.search(content_type or "")
    return _known(found[1]) if found else ""


def _from_prolog(data: bytes) -> str:
    head = data[:1024]
    if head.startswith(_EBCDIC):
        head = head.decode("cp037").encode("ascii", "replace")
    found = _PROLOG.search(head)
    name = _known(found[1].decode("ascii", "replace")) if found else ""
    return "" if name.startswith(("utf-16", "utf-32")) else name


def _known(name: str) -> str:
    """Return Python's name for a charset that turns bytes into text, else ""."""
    try:
        found = codecs.lookup(_OTHER_NAMES.get(name.lower(), name)).name
    except (LookupError, ValueError):
        return ""
    return found if _TEXTUAL.match(found) or found == "ascii" else ""


def _from_zeros(data: bytes) -> str:
    """UTF-16 or 32 without a mark shows as zeros beside the first "<" or "{" (XML 1.0, app. F)."""
    start = data[:4]
    if 0 not in start or start.strip(b"\0")[:1] not in (b"<", b"{", b"["):
        return "utf-8"
    width = 32 if start.count(0) == 3 else 16
    return f"utf-{width}-{'be' if start[0] == 0 else 'le'}"


def _is_utf8_beyond_ascii(data: bytes) -> bool:
    return not data.isascii() and _strictly(data, "utf-8") is not None


def _undoubled(text: str, reading: Reading) -> str:
    """Undo UTF-8 that was read as cp1252 and encoded again, if all of the text was."""
    if text.isascii() or any(_run_once(run[0]) is None for run in _TWICE.finditer(text)):
        return text
    reading.repaired("The text had been encoded twice; it was decoded twice.")
    return _TWICE.sub(lambda run: _run_once(run[0]) or run[0], text)


def _run_once(run: str) -> str | None:
    try:
        return bytes(_BYTE_OF[char] for char in run).decode("utf-8")
    except (KeyError, UnicodeDecodeError):
        return None


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    if error.reason == "unexpected end of data":
        return "\ufffd", error.end
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("broadsheet-cp1252", _as_cp1252)
