"""Reads the German catalogue, and looks for English sentences of ours in what people see."""

import ast
import gettext
import re
from pathlib import Path

from lxml import html

import broadsheet

PACKAGE = Path(broadsheet.__file__).parent
CATALOGUE = PACKAGE / "locale" / "de" / "LC_MESSAGES" / "django.po"
SEEN = ("@alt", "@aria-label", "@placeholder", "@title", "meta[@name='description']/@content")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]")


def entries(text: str) -> dict[tuple[str, str | int], str]:
    """Of a .po file: gettext's own keys (with context; with a number for a plural's form)."""
    found: dict[tuple[str, str | int], str] = {}
    for block in text.strip().split("\n\n"):
        words = _words(block)
        if words.get("msgid"):
            key = (
                f"{words['msgctxt']}\x04{words['msgid']}" if "msgctxt" in words else words["msgid"]
            )
            for name, value in words.items():
                if name.startswith("msgstr"):
                    found[key, name[6:].strip("[]")] = value
    return found


def _words(block: str) -> dict[str, str]:
    """The keywords of one entry with their joined strings (GNU gettext manual, "PO Files")."""
    words: dict[str, str] = {}
    name = ""
    for line in block.splitlines():
        if line and not line.startswith("#"):
            if not line.startswith('"'):
                name, _, line = line.partition(" ")
            words[name] = words.get(name, "") + ast.literal_eval(line)
    return words


def compiled(path: Path) -> dict[tuple[str, str], str]:
    """The same of a .mo file, as Python's own gettext reads it."""
    with path.open("rb") as file:
        catalogue = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    return {
        (key[0], str(key[1])) if isinstance(key, tuple) else (key, ""): value
        for key, value in catalogue.items()
        if key
    }


def english() -> dict[str, re.Pattern[str]]:
    """Our English sentences whose German is another, each with how to find it in a text."""
    found: dict[str, re.Pattern[str]] = {}
    for (key, _), german in entries(CATALOGUE.read_text()).items():
        sentence = key.rpartition("\x04")[2]
        words = [re.escape(_plain(part)) for part in PLACEHOLDER.split(sentence)]
        if sentence != german and re.search(r"\w{2}", "".join(words)):
            found[sentence] = re.compile(r"(?<!\w)" + ".{0,60}?".join(words) + r"(?!\w)")
    return found


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", text.replace("%%", "%")))


def seen(page: str) -> str:
    """What a person can read of a page, the words of attributes included."""
    root = html.fromstring(page)
    for element in root.xpath("//script | //style | //template | //svg | //code"):
        element.drop_tree()
    words = [root.text_content()]
    for name in SEEN:
        words += root.xpath(f"//{name}")
    return " ".join(" | ".join(words).split())


def english_in(page: str) -> list[str]:
    """The English sentences of ours that stand in a page."""
    text = seen(page)
    return [sentence for sentence, pattern in english().items() if pattern.search(text)]
