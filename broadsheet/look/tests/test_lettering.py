"""Printed letters: each has a font, or whoever types it is told."""

import pytest
import uharfbuzz
from hypothesis import given
from hypothesis import strategies as st
from reportlab.pdfbase.pdfmetrics import getFont

from broadsheet.look.lettering import FONTS, SCRIPTS, marked, register, runs, unprintable

NAMES = {
    "NotoSansDevanagari": "श्रीमती लक्ष्मी क्षत्रिय",
    "NotoSansBengali": "ক্ষিতীশ চট্টোপাধ্যায়",
    "NotoSansGurmukhi": "ਪ੍ਰੀਤਮ ਸਿੰਘ",
    "NotoSansGujarati": "કૃષ્ણા પટેલ",
    "NotoSansOriya": "ଓଡ଼ିଶା ସମ୍ବାଦ",
    "NotoSansTamil": "ஸ்ரீ லக்ஷ்மி",
    "NotoSansTelugu": "ఆంధ్ర జ్యోతి",
    "NotoSansKannada": "ಶ್ರೀ ಲಕ್ಷ್ಮಿ",
    "NotoSansMalayalam": "ലക്ഷ്മി നായർ",
}


@pytest.mark.parametrize("font", SCRIPTS)
def test_each_script_of_india_has_its_font_which_joins_its_letters(font):
    name = NAMES[font]
    assert unprintable(name) == ""
    assert [used for word in name.split() for used, _run in runs(word)] == [font] * len(
        name.split()
    )
    face = uharfbuzz.Face((FONTS / f"{font}.ttf").read_bytes())
    for word in name.split():
        buffer = uharfbuzz.Buffer()
        buffer.add_str(word)
        buffer.guess_segment_properties()
        uharfbuzz.shape(uharfbuzz.Font(face), buffer)
        assert all(info.codepoint for info in buffer.glyph_infos), "no glyph is a box"
    register()
    assert getFont(font).shapable


@pytest.mark.parametrize(
    ("word", "pieces"),
    [
        ("क्\u200dष", [("NotoSansDevanagari", "क्\u200dष")]),
        ("(क्षत्रिय),", [("NotoSansDevanagari", "(क्षत्रिय),")]),
        ("१२/४-12", [("NotoSansDevanagari", "१२/४-12")]),
        ("M/s.आशा", [("", "M/s"), ("NotoSansDevanagari", ".आशा")]),
        ("பிఆश", [("NotoSansTamil", "பி"), ("NotoSansTelugu", "ఆ"), ("NotoSansDevanagari", "श")]),
        ("plain&", [("", "plain&")]),
        ("আশা।", [("NotoSansBengali", "আশা।")]),
        ("१२\xa0", [("NotoSansDevanagari", "१२\xa0")]),
        ("", []),
    ],
)  # fmt: skip
def test_what_is_beside_a_script_goes_with_it(word, pieces):
    assert runs(word) == pieces


def test_a_paragraph_names_the_fonts_and_parts_what_has_two_in_a_word():
    hindi = '<font name="NotoSansDevanagari">{}</font>'
    assert marked("A & आ,\nB") == f"A &amp; {hindi.format('आ,')}<br/>B"
    assert marked("M/s.आ") == f"M/s {hindi.format('.आ')}"
    assert marked("Ltd\xa0आ") == f"Ltd {hindi.format(chr(0xA0) + 'आ')}"
    assert marked("Zoe\u0308\u2066\ufe0f") == "Zoë"


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("Łódź, Αθήνα, Ἀθῆναι, Москва: ₹900 – €5\n–", ""),
        ("Məmmədov, Adékọ́lá, Bɔnsu, ɗan, Երևան, თბილისი", ""),
        ("पुणे 411001। आशा । 1।", ""),
        ("\u2066Brand™\ufe0f\ufeff", ""),
        ("山田 & 山", "山田"),
        ("שלום", "שלום"),
        ("", ""),
    ],
)
def test_what_no_font_has_is_told_once(text, lost):
    assert unprintable(text) == lost


@given(st.text(st.characters(min_codepoint=32, max_codepoint=0x0D7F)))
def test_no_letter_is_lost_on_the_way(word):
    assert "".join(run for _font, run in runs(word)) == word
