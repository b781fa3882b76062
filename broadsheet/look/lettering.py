"""Which font has the letters of a printed page: those of Latin, Greek, Cyrillic, Armenian and
Georgian, and of nine scripts of India. Others are printed as boxes so far.
"""

import re
from collections.abc import Mapping
from html import escape
from itertools import groupby
from pathlib import Path
from threading import Lock
from unicodedata import category, normalize

from reportlab.pdfbase.pdfmetrics import getFont, getRegisteredFontNames, registerFont
from reportlab.pdfbase.ttfonts import TTFont

PLAIN, BOLD = "DejaVuSansCondensed", "DejaVuSansCondensed-Bold"
FONTS = Path(__file__).parent / "fonts"
SCRIPTS: Mapping[str, range] = {
    "NotoSansDevanagari": range(0x0900, 0x0980),
    "NotoSansBengali": range(0x0980, 0x0A00),
    "NotoSansGurmukhi": range(0x0A00, 0x0A80),
    "NotoSansGujarati": range(0x0A80, 0x0B00),
    "NotoSansOriya": range(0x0B00, 0x0B80),
    "NotoSansTamil": range(0x0B80, 0x0C00),
    "NotoSansTelugu": range(0x0C00, 0x0C80),
    "NotoSansKannada": range(0x0C80, 0x0D00),
    "NotoSansMalayalam": range(0x0D00, 0x0D80),
}
"""Blocks of Unicode by the font that has their letters, and knows how they join."""
SHARED = "\u0964\u0965"
"""Full stops of several scripts, though the block of one has them."""
JOINERS = "\u200c\u200d"
GAPS = re.compile(r"([^\S\xa0]+)")
"""Where reportlab parts words: not at a space that forbids it."""
_ONCE = Lock()


def register() -> None:
    """Make the fonts known to reportlab, once for each process."""
    with _ONCE:
        if BOLD in getRegisteredFontNames():
            return
        for name in SCRIPTS:
            font = TTFont(name, FONTS / f"{name}.ttf", shapable=True)
            registerFont(font)
            _number(font)
        for name in (PLAIN, BOLD):
            registerFont(TTFont(name, FONTS / f"{name}.ttf"))


def _number(font: TTFont) -> None:
    """Joined letters have no place in Unicode, and reportlab numbers them as they come: all at
    once, so that a page does not depend on what was printed before it."""
    shapes = font.hbFont()
    for glyph in range(shapes.face.glyph_count):
        if glyph not in font.face.glyphToChar:
            width = shapes.get_glyph_h_advance(glyph)
            font.hbAddPrivate(shapes.glyph_to_string(glyph), glyph, width)


def marked(text: str) -> str:
    """The text as markup of a reportlab paragraph: what is not in its own font names another.

    Letters are joined by the word, in one font. A word of several (rare: "M/s.आशा") is parted.
    """
    parts = (" ".join(_named(font, run) for font, run in runs(word)) for word in _words(text))
    return "".join(parts).replace("\n", "<br/>")


def _named(font: str, run: str) -> str:
    run = escape(run, quote=False)
    return f'<font name="{font}">{run}</font>' if font else run


def _words(text: str) -> list[str]:
    """Words and what is between them, without signs that nobody sees; accents typed as letters of
    their own are joined to theirs (Unicode NFC)."""
    seen = (letter for letter in normalize("NFC", text) if not _is_unseen(letter))
    return GAPS.split("".join(seen))


def _is_unseen(letter: str) -> bool:
    """Whether it says only how its neighbours are shown, as on screens and not on paper."""
    return letter not in JOINERS and (category(letter) == "Cf" or "\ufe00" <= letter <= "\ufe0f")


def runs(word: str) -> list[tuple[str, str]]:
    """The word in pieces of one font each, "" for the paragraph's own. Digits, punctuation and
    joiners go with the script beside them."""
    fonts = [_script(letter) for letter in word]
    for beside, order in ((-1, range(1, len(word))), (1, range(len(word) - 2, -1, -1))):
        for at in order:
            near = fonts[at + beside]
            if near and not fonts[at] and not word[at].isalpha() and _has(near, word[at]):
                fonts[at] = near
    for at, letter in enumerate(word):
        if letter in SHARED:
            fonts[at] = fonts[at] or next(iter(SCRIPTS))
    pairs = groupby(zip(fonts, word, strict=True), lambda pair: pair[0])
    return [(font, "".join(letter for _font, letter in same)) for font, same in pairs]


def _script(letter: str) -> str:
    if letter in SHARED:
        return ""
    return next((font for font, block in SCRIPTS.items() if ord(letter) in block), "")


def unprintable(text: str) -> str:
    """The letters that no font has, each once, in their order: they are printed as boxes."""
    pieces = (piece for word in _words(text) for piece in runs(word))
    lost = (letter for font, run in pieces for letter in run if not _has(font or PLAIN, letter))
    return "".join(dict.fromkeys(lost))


def _has(font: str, letter: str) -> bool:
    register()
    return letter.isspace() or letter in JOINERS or ord(letter) in getFont(font).face.charToGlyph
