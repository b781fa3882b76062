"""Every label a publisher may write, with words of its language that lesser readings lose."""

import pytest

from broadsheet.wire.formats import parse
from broadsheet.wire.formats.labels import charset_of
from broadsheet.wire.tests.formats.feeds import item, rss

_WEST = "Œuvre à 5 € – “Žižek”"
_NEAR = "Œuvre à 5 €, Šibenik, Žižek, Ÿ"
_CENTRAL = "Škoda, Łódź, Győr, Žilina"
_RUSSIAN = "Вода, ёлка, щука"
_GREEK = "Άνοιξη στην Αθήνα"
_HEBREW = "שלום ירושלים"
_ARABIC = "السلام عليكم"
_TURKISH = "İstanbul, Şişli, ağaç"
_BALTIC = "Šķēršļi, žąsis, ūdens"
_THAI = "สวัสดีกรุงเทพ"
_JAPANESE = "日本語の新聞"
_NEC = "①㈱髙島屋"
_SIMPLE = "镕基、朱镕基总理"
_FULL = "繁體中文報紙"
_KOREAN = "똠방각하 펲시콜라"

TABLE = [
    *[(label, "iso8859-15", _NEAR) for label in ("iso-8859-15", "latin-9", "L9", "ISO8859-15")],
    *[(label, "iso8859-15", _NEAR) for label in ("csISOLatin9", "iso885915", "ISO_8859-15")],
    *[(label, "cp1252", _WEST) for label in ("iso-8859-1", "latin1", "iso88591", "us-ascii")],
    *[(label, "cp1252", _WEST) for label in ("windows-1252", "x-cp1252", "cp1252", "ansi")],
    *[(label, "cp1250", _CENTRAL) for label in ("windows-1250", "x-cp1250", "win-1250")],
    *[(label, "iso8859-2", _CENTRAL) for label in ("iso-8859-2", "latin2", "iso88592")],
    *[(label, "cp1251", _RUSSIAN) for label in ("windows-1251", "x-cp1251", "ms-cyrl", "win1251")],
    *[(label, "iso8859-5", _RUSSIAN) for label in ("iso-8859-5", "cyrillic")],
    *[(label, "koi8-r", _RUSSIAN) for label in ("koi8-r", "koi8", "koi", "csKOI8R")],
    *[(label, "koi8-u", "Київ, її, ґанок") for label in ("koi8-u", "koi8-ru")],
    *[(label, "cp866", _RUSSIAN) for label in ("ibm866", "cp866", "csIBM866")],
    *[(label, "mac-cyrillic", _RUSSIAN) for label in ("x-mac-cyrillic", "x-mac-ukrainian")],
    *[(label, "mac-roman", "Café “Œuvre”") for label in ("macintosh", "x-mac-roman", "mac")],
    *[(label, "cp1253", _GREEK) for label in ("windows-1253", "x-cp1253")],
    *[(label, "iso8859-7", _GREEK) for label in ("iso-8859-7", "greek", "sun_eu_greek")],
    *[(label, "cp1255", _HEBREW) for label in ("windows-1255", "x-cp1255")],
    *[(label, "iso8859-8", _HEBREW) for label in ("iso-8859-8", "iso-8859-8-i", "logical")],
    *[(label, "cp1256", _ARABIC) for label in ("windows-1256", "x-cp1256")],
    *[(label, "iso8859-6", _ARABIC) for label in ("iso-8859-6", "iso-8859-6-i", "asmo-708")],
    *[(label, "cp1254", _TURKISH) for label in ("windows-1254", "iso-8859-9", "latin5")],
    *[(label, "cp1257", _BALTIC) for label in ("windows-1257", "x-cp1257")],
    ("iso-8859-13", "iso8859-13", _BALTIC),
    ("iso-8859-4", "iso8859-4", _BALTIC),
    ("iso-8859-10", "iso8859-10", "Þórður á Ísafirði, ŋuovžža"),
    ("iso-8859-14", "iso8859-14", "Ŵyth, tŷ, Ḃaile"),
    ("iso-8859-16", "iso8859-16", "Țară și știință, 5 €"),
    ("iso-8859-3", "iso8859-3", "Ċirku, ħobż, ĝardeno"),
    ("windows-1258", "cp1258", "Đồng".replace("ồ", "ô\u0300")),
    *[(label, "cp874", _THAI + " “ก” €") for label in ("windows-874", "tis-620", "iso-8859-11")],
    *[(label, "cp932", _JAPANESE + _NEC) for label in ("shift_jis", "Shift-JIS", "x-sjis")],
    *[(label, "cp932", _JAPANESE + _NEC) for label in ("windows-31j", "cp932", "ms_kanji")],
    *[(label, "euc_jp", _JAPANESE) for label in ("euc-jp", "x-euc-jp")],
    ("euc-jp", "euc_jis_2004", _JAPANESE + "①"),
    *[(label, "iso2022_jp", _JAPANESE) for label in ("iso-2022-jp", "csISO2022JP")],
    ("iso-2022-jp", "iso2022_jp_ext", _JAPANESE + "ﾆｭｰｽ"),
    *[(label, "gb18030", _SIMPLE + "€") for label in ("gb2312", "gbk", "x-gbk", "gb_2312-80")],
    *[(label, "gb18030", _SIMPLE + "𠀀") for label in ("gb18030", "csGB2312", "chinese")],
    ("hz-gb-2312", "hz", "总理"),
    *[
        (label, "big5hkscs", _FULL + "啫")
        for label in ("big5", "big5-hkscs", "cn-big5", "x-x-big5")
    ],
    ("big5", "cp950", _FULL + " 5 €"),
    *[(label, "cp949", _KOREAN) for label in ("euc-kr", "ks_c_5601-1987", "windows-949")],
    *[(label, "cp949", _KOREAN) for label in ("ksc5601", "korean", "uhc", "cseuckr")],
    ("iso-2022-kr", "iso2022_kr", "한국 신문"),
    *[(label, "utf-8", _WEST + _SIMPLE) for label in ("utf8", "unicode-1-1-utf-8", "utf-8-sig")],
    *[(label, "utf-16", _WEST) for label in ("utf-16", "unicode", "ucs-2", "iso-10646-ucs-2")],
    *[("utf-16", charset, _WEST) for charset in ("utf-16-le", "utf-16-be")],
    *[("utf-32", charset, _WEST) for charset in ("utf-32", "utf-32-le", "utf-32-be")],
]


def _stated(label: str, text: str) -> str:
    return rss(item(text)).decode().replace("UTF-8", label)


@pytest.mark.parametrize(("label", "charset", "text"), TABLE)
@pytest.mark.parametrize("place", ["header", "declaration"])
def test_case_12_every_label_keeps_every_word(
    label: str, charset: str, text: str, place: str
) -> None:
    header = f"text/xml; charset={label}" if place == "header" else None
    data = _stated("UTF-8" if header else label, text).encode(charset)
    parsed = parse(data, content_type=header)
    entry = parsed.entries[0]
    assert (entry.title, entry.flags, parsed.repairs) == (text, (), ())


def test_case_12_a_header_by_default_does_not_undo_what_the_declaration_says() -> None:
    data = _stated("windows-1251", _RUSSIAN).encode("cp1251")
    entry = parse(data, content_type="text/xml; charset=UTF-8").entries[0]
    assert (entry.title, entry.flags) == (_RUSSIAN, ())


@pytest.mark.parametrize(
    ("label", "charset", "text"),
    [
        ("iso-8859-15", "cp1252", _WEST),
        ("iso-8859-2", "cp1250", f"„{_CENTRAL}”, Ťahanovce, ľad, ąę"),
        ("iso-8859-7", "cp1253", f"“{_GREEK}”"),
        ("iso-8859-13", "cp1257", f"“{_BALTIC}”"),
        ("koi8-r", "utf-8", _RUSSIAN),
        ("windows-1251", "utf-8", _RUSSIAN),
        ("shift_jis", "utf-8", _JAPANESE),
    ],
)
def test_case_12_bytes_that_say_otherwise_are_believed_and_it_is_told(
    label: str, charset: str, text: str
) -> None:
    parsed = parse(_stated(label, text).encode(charset))
    assert (parsed.entries[0].title, parsed.entries[0].flags) == (text, ())
    assert parsed.repairs


@pytest.mark.parametrize(
    ("label", "charset", "bad", "text"),
    [
        ("shift_jis", "cp932", b"\x87 ", _JAPANESE),
        ("euc-kr", "cp949", b"\xff", _KOREAN),
        ("gb2312", "gb18030", b"\xff", _SIMPLE),
        ("windows-1253", "cp1253", b"\xd2", _GREEK),
    ],
)
def test_case_12_one_bad_byte_costs_one_character_and_holds_the_report(
    label: str, charset: str, bad: bytes, text: str
) -> None:
    data = _stated(label, f"{text} @ {text}").encode(charset).replace(b"@", bad)
    entry = parse(data).entries[0]
    assert entry.title.replace("\ufffd", "").split() == f"{text} {text}".split()
    assert "damaged" in entry.flags


def test_case_12_a_charset_nobody_knows_is_guessed_at_and_holds_the_report() -> None:
    parsed = parse(_stated("viscii", "T\x95i").encode("latin-1"))
    assert "damaged" in parsed.entries[0].flags
    assert any("viscii" in repair for repair in parsed.repairs)


def test_case_12_the_euro_sign_of_windows_936_is_read() -> None:
    data = _stated("gbk", "5 @ 总理").encode("gbk").replace(b"@", b"\x80")
    assert parse(data).entries[0].title == "5 € 总理"


def test_case_12_the_signs_of_nec_are_read_in_mail_charset() -> None:
    kanji = "①あ".encode("euc_jis_2004")
    inside = b"\x1b$B" + bytes(byte & 0x7F for byte in kanji) + b"\x1b(B ok"
    data = _stated("iso-2022-jp", "@").encode().replace(b"@", inside)
    assert parse(data).entries[0].title == "①あ ok"


@pytest.mark.parametrize("label", ["utf-7", "rot13", "base64", "idna", "punycode", "x-none", ""])
def test_what_is_no_charset_of_text_is_not_taken_for_one(label: str) -> None:
    assert charset_of(label) == ""
