"""Which characters a charset's label means: what publishers send under it (WHATWG Encoding, 4.2).

Python knows the standards' names. Publishers write older ones, and send the larger charset that
grew out of the one they name: GBK as "gb2312", Windows-949 as "euc-kr".
"""

import codecs
import re

_TEXTUAL = re.compile(r"utf-(8|16|32)|iso8859|cp\d|mac|koi8|gb|big5|euc|iso2022|hz|johab|tis")
_SIGNS = re.compile(r"[^a-z0-9]")
_LARGER = {
    "shift_jis": "cp932",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    "cp950": "big5hkscs",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "utf-8-sig": "utf-8",
}
_OTHER_NAMES = {
    **dict.fromkeys(("latin9", "csisolatin9", "iso885915"), "iso8859-15"),
    **{f"iso8859{part}": f"iso8859-{part}" for part in range(1, 17) if part != 12},
    **{f"xcp{page}": f"cp{page}" for page in range(1250, 1259)},
    **{f"win{page}": f"cp{page}" for page in range(1250, 1259)},
    **{f"windows{page}": f"cp{page}" for page in (874, *range(1250, 1259))},
    "mscyrl": "cp1251",
    "msee": "cp1250",
    "msgreek": "cp1253",
    **dict.fromkeys(("msansi", "ansi", "xansi"), "cp1252"),
    **dict.fromkeys(("dos874", "tis620"), "cp874"),
    **dict.fromkeys(("iso88598i", "iso88598e", "csiso88598i", "csiso88598e"), "iso8859-8"),
    **dict.fromkeys(("logical", "visual"), "iso8859-8"),
    **dict.fromkeys(("iso88596i", "iso88596e", "csiso88596i", "csiso88596e"), "iso8859-6"),
    "suneugreek": "iso8859-7",
    **dict.fromkeys(("koi", "koi8"), "koi8-r"),
    "koi8ru": "koi8-u",
    "csibm866": "cp866",
    **dict.fromkeys(("csmacintosh", "macintosh", "mac", "xmacroman"), "mac-roman"),
    **dict.fromkeys(("xmaccyrillic", "xmacukrainian"), "mac-cyrillic"),
    **dict.fromkeys(("xsjis", "windows31j", "cswindows31j", "msshiftjis"), "cp932"),
    **dict.fromkeys(("xeucjp", "cseucpkdfmtjapanese"), "euc_jp"),
    "csiso2022jp": "iso2022_jp",
    **dict.fromkeys(("xgbk", "xgb", "csgb2312", "gb231280", "windows936"), "gb18030"),
    **dict.fromkeys(("cnbig5", "xxbig5", "xbig5", "windows950"), "big5hkscs"),
    **dict.fromkeys(("windows949", "xwindows949", "cseuckr", "isoir149"), "cp949"),
    **dict.fromkeys(("ksc5601", "ksc56011989", "xeuckr"), "cp949"),
    **dict.fromkeys(("ucs2", "unicode", "iso10646ucs2", "csunicode"), "utf-16"),
    **dict.fromkeys(("unicode11utf8", "unicode20utf8", "xunicode20utf8", "csutf8"), "utf-8"),
}
_WIDE = frozenset({"cp932", "cp949", "gb18030", "big5hkscs", "euc_jp", "johab"})
_WINDOWS_OF = {
    "iso8859-1": "cp1252",
    "iso8859-2": "cp1250",
    "iso8859-7": "cp1253",
    "iso8859-8": "cp1255",
    "iso8859-13": "cp1257",
    "iso8859-15": "cp1252",
}
_IN_C1 = re.compile(rb"[\x80-\x84\x86-\x9f]")
_KANJI = re.compile(rb"\x1b\$[@B]([^\x1b]*)|\x1b\([BJ]")


def charset_of(label: str) -> str:
    """Return Python's name of the charset that *label* means, "" for one that is not known.

    UTF-7 is not known: it hides markup, and no feed needs it.
    """
    name = _OTHER_NAMES.get(_SIGNS.sub("", label.lower()), label)
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        return ""
    found = _LARGER.get(found, found)
    return found if _TEXTUAL.match(found) or found == "ascii" else ""


def is_one_byte(name: str) -> bool:
    """Whether each byte of this charset is a character: text in it is never UTF-8 by chance."""
    return name not in _WIDE and not name.startswith(("utf", "iso2022", "hz"))


def windows_of(name: str, data: bytes) -> str:
    """Return the Windows charset that *data* is in, though stated to be the ISO one beside it.

    ISO 8859 has nothing but control codes where Windows has letters and quotation marks: a
    byte from there says which of the two it is. Else return *name*.
    """
    if name in _WINDOWS_OF and _IN_C1.search(data):
        return _WINDOWS_OF[name]
    return name


def decoded(data: bytes, name: str) -> str | None:
    """Return the text of *data* in a charset, None when it is in another.

    With what publishers send beyond the standard: the euro sign as byte 0x80 in GBK (WHATWG
    Encoding, 10.2.1) and as Windows-950 writes it in Big5; the signs of NEC and IBM in Japanese.
    """
    for larger, errors in ((name, "strict"), *_BEYOND.get(name, ())):
        try:
            if larger == "iso-2022-jp as euc":
                return _KANJI.sub(_as_euc, data).decode("euc_jis_2004")
            return data.decode(larger, errors)
        except (UnicodeError, LookupError, ValueError):
            continue
    return None


_BEYOND = {
    "gb18030": (("gb18030", "broadsheet-euro"),),
    "big5hkscs": (("cp950", "strict"),),
    "euc_jp": (("euc_jis_2004", "strict"),),
    "iso2022_jp": (("iso2022_jp_ext", "strict"), ("iso-2022-jp as euc", "strict")),
}


def _as_euc(found: re.Match[bytes]) -> bytes:
    """The same rows of the same table, which EUC-JP marks by the eighth bit (RFC 1468)."""
    return bytes(byte | 0x80 if byte > 0x20 else byte for byte in found[1] or b"")


def _as_euro(error: UnicodeError) -> tuple[str, int]:
    if isinstance(error, UnicodeDecodeError) and error.object[error.start] == 0x80:
        return "€", error.start + 1
    raise error


codecs.register_error("broadsheet-euro", _as_euro)
