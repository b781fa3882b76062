"""Which characters the bytes mean.

Order of trust: byte order mark, HTTP header, XML declaration, UTF-8 if the bytes are UTF-8,
cp1252. ISO-8859-1 and US-ASCII are read as cp1252, as every browser does (WHATWG Encoding). A
statement is left when the bytes are something else for sure; a few faults do not make them that.
"""

import codecs
import re

from broadsheet.wire.formats.labels import charset_of, decoded, is_one_byte, windows_of
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
_ALWAYS_LARGER = {"iso8859-1": "cp1252", "ascii": "cp1252"}
_TWICE = re.compile(r"[\x80-\U0010ffff]+")
_IN_CP1252 = {chr(b): bytes([b]).decode("cp1252", "ignore") or chr(b) for b in range(128, 160)}
_CONTROLS_IN_UTF8 = re.compile(rb"\xc2[\x80-\x9f]")
_CONTROLS = re.compile("[\x80\x82-\x84\x86-\x8c\x8e\x91-\x9c\x9e\x9f]")
_EBCDIC = bytes([0x4C, 0x6F, 0xA7, 0x94])
_BYTE_OF = {bytes([b]).decode("cp1252", "ignore") or chr(b): b for b in range(128, 256)}
_FEW = 4
"""A text is still in its charset when at least so many characters are, for one that is not."""


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
    labels = [label for label in (_in_header(content_type), _in_prolog(data)) if label]
    names = [name for label in labels if (name := _possible(charset_of(label), data))]
    for name in names:
        if (text := _as_stated(data, name, reading)) is not None:
            return text
    if not _is_mostly(data, "utf-8"):
        for name in names:
            if _is_mostly(data, name):
                return _decoded(data, name, reading)
        _tell_unknown(labels, names, reading)
    return _undoubled(_decoded(data, _from_zeros(data), reading), reading)


def stated_charset(data: bytes, content_type: str | None) -> str:
    """Return Python's name of the charset that the HTTP header or the XML declaration states.

    "" when neither does, or none that we know (RFC 7303, section 3: the header goes first).
    """
    return charset_of(_in_header(content_type)) or charset_of(_in_prolog(data))


def _possible(name: str, data: bytes) -> str:
    """A charset with bytes of zero is only possible where some are, in the order they show."""
    if not name.startswith(("utf-16", "utf-32")):
        return name
    shown = _from_zeros(data)
    if shown != "utf-8":
        return shown
    return name if 0 in data[:4] else ""


def _as_stated(data: bytes, name: str, reading: Reading) -> str | None:
    """The text, when the bytes can be what they are stated to be, else None."""
    if name == "utf-8":
        return _undoubled(text, reading) if (text := decoded(data, name)) is not None else None
    if is_one_byte(name) and not data.isascii() and _is_mostly(data, "utf-8"):
        reading.repaired(f"Stated to be {name}, was UTF-8; read as UTF-8.")
        return _decoded(data, "utf-8", reading)
    meant = _ALWAYS_LARGER.get(name) or windows_of(name, data)
    text = decoded(data, meant)
    if text is None and meant == "cp1252":
        return data.decode(meant, "replace")
    if text is None:
        reading.repaired(f"Stated to be {name}, but the bytes are not; another charset was tried.")
    elif meant != name and name not in _ALWAYS_LARGER:
        reading.repaired(f"Stated to be {name}, but read as {meant}, as its bytes say.")
    return text


def _tell_unknown(labels: list[str], names: list[str], reading: Reading) -> None:
    """Words in a charset that nobody here knows are guessed at: what is read is damaged."""
    if labels and not names:
        reading.repaired(f"The charset {labels[0][:40]!r} is not known; another one was tried.")
        reading.is_damaged = True


def _is_mostly(data: bytes, name: str) -> bool:
    """Whether almost all beyond ASCII can be read in a charset."""
    try:
        text = data.decode(name, "replace")
    except (UnicodeError, LookupError, ValueError):
        return False
    bad = text.count("\ufffd")
    beyond = len(text) - len(text.encode("ascii", "ignore"))
    return beyond - bad >= _FEW * bad


def _decoded(data: bytes, name: str, reading: Reading) -> str:
    text = decoded(data, name)
    if text is not None:
        return text
    if name != "utf-8":
        reading.repaired(f"Characters that are not {name} were replaced.")
        return data.decode(name, "replace")
    reading.repaired("Bytes that are not UTF-8 were read as cp1252 (Western European).")
    return data.decode("utf-8", "broadsheet-cp1252")


def _in_header(content_type: str | None) -> str:
    found = _HEADER.search(content_type or "")
    return found[1] if found else ""


def _in_prolog(data: bytes) -> str:
    """The label in the XML declaration, "" for one that the bytes themselves contradict."""
    head = data[:1024]
    if head.startswith(_EBCDIC):
        head = head.decode("cp037").encode("ascii", "replace")
    found = _PROLOG.search(head)
    label = found[1].decode("ascii", "replace") if found else ""
    return "" if charset_of(label).startswith(("utf-16", "utf-32")) else label


def _from_zeros(data: bytes) -> str:
    """UTF-16 or 32 without a mark shows as zeros beside the first "<" or "{" (XML 1.0, app. F)."""
    start = data[:4]
    if 0 not in start or start.strip(b"\0")[:1] not in (b"<", b"{", b"["):
        return "utf-8"
    width = 32 if start.count(0) == 3 else 16
    return f"utf-{width}-{'be' if start[0] == 0 else 'le'}"


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
