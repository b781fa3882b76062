"""A paper in German, its catalogue, and the search for English sentences of ours on its pages."""

import ast
import gettext
import re
import shutil
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils.translation import override
from lxml import html

import broadsheet
from broadsheet.accounts.models import User
from broadsheet.desk.models import Article, Paper, Section
from broadsheet.press import actions as press
from broadsheet.press_log.gathering import gathered
from broadsheet.subscriptions import actions as subscriptions
from broadsheet.subscriptions.models import Plan
from broadsheet.subscriptions.tests import conftest as shop
from broadsheet.wire.models import Feed
from tests.cast import PASSWORD, ninjs, send

DATED = datetime(2023, 10, 17, 18, 12, tzinfo=UTC)
BODY = "".join(
    f"<p>Absatz {n}: Die Mannschaft lief vor Sonnenaufgang aus, kam mit der Flut zurück und"
    " berichtete dem Hafenamt, was sie gesehen hatte.</p>"
    for n in range(8)
)
PACKAGE = Path(broadsheet.__file__).parent
CATALOGUE = PACKAGE / "locale" / "de" / "LC_MESSAGES" / "django.po"
SEEN = ("@alt", "@aria-label", "@placeholder", "@title", "meta[@name='description']/@content")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|(?<!\{)\{\w+\}(?!\})")
FUNCTION_WORDS = re.compile(
    r"\b(the|you|your|and|with|please|this|of|have|not|is)\b", re.IGNORECASE
)


@pytest.fixture
def laterne(feed: Feed, paper: Paper) -> Paper:
    """Die Laterne, a paper in Berlin, with an article, a corrected one and a withdrawn one."""
    with gathered():
        paper.name, paper.language, paper.time_zone = "Die Laterne", "de", "Europe/Berlin"
        paper.save()
        for slug, name in (("world", "Welt"), ("markets", "Märkte")):
            Section.objects.filter(slug=slug).update(name=name)
        send_report(feed, "urn:1", headline="Hafen öffnet früher")
        send_report(feed, "urn:2", headline="Fähre fällt aus")
        send_report(feed, "urn:3", headline="Brücke bleibt gesperrt")
        send_report(feed, "urn:2", version=2, headline="CORRECTED: Fähre fällt aus")
        send_report(feed, "urn:3", version=2, status="canceled", headline="Brücke bleibt gesperrt")
    press.press_everything()
    return paper


@pytest.fixture
def jahresabo(laterne: Paper, till: Any, request: pytest.FixtureRequest) -> Plan:
    """Die Laterne sells a year for 2,700 INR; its wall is pressed anew."""
    with gathered():
        with override("de"):  # As when the paper is founded.
            subscriptions.make_entitlements()
        sold: Plan = request.getfixturevalue("plan")
        sold.name = "Jahresabo"
        sold.save()
        subscriptions.set_terms(sold, shop.terms(price=270000, unit="year", count=1))
    press.press_everything()
    return sold


def send_report(feed: Feed, key: str, **facts: Any) -> None:
    """A version of a report comes in, `version` minutes after DATED."""
    at = DATED + timedelta(minutes=facts.get("version", 1))
    send(feed, ninjs(key, **{"body": BODY, "at": at} | facts), f"{key}-{at:%M}.json")


def report(text: str) -> Article:
    """The article with the text in its headline."""
    return Article.objects.get(shown_headline__contains=text)


def visitor(user: User | None = None) -> Client:
    """A browser, signed in as the user if there is one."""
    client = Client(headers={"x-forwarded-for": "127.0.0.1"})
    assert user is None or client.login(email=user.email, password=PASSWORD)
    return client


def walls() -> dict[str, str]:
    """The pressed wall for each reason."""
    store = sqlite3.connect(Path(settings.HOME) / "pressed.sqlite3")
    try:
        return dict(store.execute("SELECT name, html FROM fragment"))
    finally:
        store.close()


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


def written() -> dict[tuple[str, str | int], str]:
    """The German catalogue."""
    return entries(CATALOGUE.read_text())


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
    for (key, _), german in written().items():
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
    """The English sentences of ours that stand in a page; words of addresses are none."""
    text = re.sub(r"https?://\S+", " ", seen(page))
    return [sentence for sentence, pattern in english().items() if pattern.search(text)]


def assert_german(page: str, name: str) -> None:
    """Fail with the English that stands in a page, ours or not."""
    assert english_in(page) == [], (name, english_in(page))
    found = FUNCTION_WORDS.findall(seen(page))
    assert not found, f"{name}: {sorted(set(found))}"


def asked_for(folder: Path) -> dict[tuple[str, str | int], str]:
    """What the code marks for translation: a fresh catalogue made of a copy in an empty folder."""
    ignored = shutil.ignore_patterns("locale", "tests", "migrations", "static", "*.pyc", "*.toml",
                                     "pictures")  # fmt: skip
    copy = folder / "broadsheet"
    shutil.copytree(PACKAGE, copy, ignore=ignored)
    (copy / "locale").mkdir()
    command = [sys.executable, "-m", "django", "makemessages", "--locale", "de", "--no-location",
               "--settings", "broadsheet.config.settings"]  # fmt: skip
    env = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(folder), "BROADSHEET_HOME": str(folder)}
    subprocess.run(command, cwd=copy, env=env, check=True, capture_output=True)
    return entries((copy / "locale" / "de" / "LC_MESSAGES" / "django.po").read_text())
