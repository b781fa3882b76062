"""A paper set to German is German throughout: for its readers, and on the desk's own screens."""

import re
import shutil
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext, override

from broadsheet.accounts.models import Mail
from broadsheet.desk import actions as desk
from broadsheet.desk.models import Article, Intake, Section
from broadsheet.desk.reads.incoming import items, row
from broadsheet.desk.rules import FIELDS, Candidate, Disclosure, disclosure, reasons_against
from broadsheet.desk.wording import PROBLEMS, REASONS, SIGNALS, disclosure_text
from broadsheet.press import actions as press
from broadsheet.wire.formats import parse
from broadsheet.wire.models import Fetch, Outcome
from tests.cast import PASSWORD, ada, ninjs, send
from tests.catalogue import CATALOGUE, PACKAGE, compiled, english_in, entries, seen
from tests.surfaces import surfaces

in_german = pytest.mark.django_db(transaction=True)

DATED = datetime(2023, 10, 17, 18, 12, tzinfo=UTC)
BODY = "".join(
    f"<p>Absatz {n}: Die Mannschaft lief vor Sonnenaufgang aus, kam mit der Flut zurück und"
    " berichtete dem Hafenamt, was sie gesehen hatte.</p>"
    for n in range(8)
)
FUNCTION_WORDS = re.compile(
    r"\b(the|you|your|and|with|please|this|of|have|not|is)\b", re.IGNORECASE
)
FROM_THE_FEED = "der übrige Inhalt wurde automatisch aus einem Agenturfeed erstellt."
BY_STAFF = "von der Redaktion von „Die Laterne“"

SCREENS = ("wagtailadmin_home", "desk_incoming", "desk_quarantine",
           "wagtailsnippets_desk_article:list", "wagtailsnippets_desk_article:add",
           "wagtailsnippets_fronts_front:add", "feeds:add", "sections:index", "rules:add",
           "house_ads:add", "static_pages:add")  # fmt: skip
ARTICLE_SCREENS = ("desk_compare", "desk_correct", "desk_withdraw",
                   "wagtailsnippets_desk_article:edit")  # fmt: skip


@pytest.fixture
def laterne(feed, paper):
    """Die Laterne, a paper in Berlin, with an article, a corrected one and a withdrawn one."""
    paper.name, paper.language, paper.time_zone = "Die Laterne", "de", "Europe/Berlin"
    paper.save()
    for slug, name in (("world", "Welt"), ("markets", "Märkte")):
        Section.objects.filter(slug=slug).update(name=name)
    _send(feed, "urn:1", headline="Hafen öffnet früher")
    _send(feed, "urn:2", headline="Fähre fällt aus")
    _send(feed, "urn:3", headline="Brücke bleibt gesperrt")
    _send(feed, "urn:2", version=2, headline="CORRECTED: Fähre fällt aus")
    _send(feed, "urn:3", version=2, status="canceled", headline="Brücke bleibt gesperrt")
    press.press_everything()
    return paper


def _send(feed, key, **facts):
    at = DATED + timedelta(minutes=facts.get("version", 1))
    send(feed, ninjs(key, **{"body": BODY, "at": at} | facts), f"{key}-{at:%M}.json")


def _article(text):
    return Article.objects.get(shown_headline__contains=text)


def _client(user=None):
    client = Client(headers={"x-forwarded-for": "127.0.0.1"})
    assert user is None or client.login(email=user.email, password=PASSWORD)
    return client


def _fragments():
    store = sqlite3.connect(Path(settings.HOME) / "pressed.sqlite3")
    try:
        return dict(store.execute("SELECT name, html FROM fragment"))
    finally:
        store.close()


def _assert_german(page, name):
    assert english_in(page) == [], name
    found = FUNCTION_WORDS.findall(seen(page))
    assert not found, f"{name}: {sorted(set(found))}"


@in_german
def test_no_pressed_page_holds_an_english_sentence_of_ours(laterne):
    pages = {k: v for k, v in surfaces().items() if v.startswith("<!doctype html>")}
    paths = {path for path, _ in pages}
    assert {"/", "/world/", "/premium/", "!404", "!410", "!503"} <= paths
    assert {"full", "full_no_ads", "teaser"} <= {variant for _, variant in pages}
    assert len({path for path in paths if "/20" in path}) == 3
    for place, page in pages.items():
        assert '<html lang="de" dir="ltr">' in page, place
        _assert_german(page, place)


@in_german
def test_the_wall_speaks_german_for_every_reason(laterne):
    fragments = _fragments()
    assert len(fragments) == 5
    for reason, fragment in fragments.items():
        _assert_german(fragment, reason)
    sentence = "Sie haben Ihr Limit von 3 kostenlosen Artikeln in diesem Monat erreicht."
    assert sentence in fragments["limit_anonymous"]
    assert "Dieser Artikel lässt sich gerade nicht öffnen." in fragments["closed"]


@in_german
@pytest.mark.parametrize(
    "address",
    [
        "/search",
        "/search?q=hafen",
        "/search?q=nirgends",
        "/search?q=" + "lang" * 60,
        "/accounts/login/",
        "/accounts/login/code/",
        "/accounts/signup/",
        "/accounts/password/reset/",
        "/nirgends/",
    ],
)
def test_pages_of_the_newsroom_are_german(laterne, address):
    response = _client().get(address)
    page = response.content.decode()
    assert '<html lang="de"' in page
    _assert_german(page, address)


@in_german
def test_a_readers_account_and_mail_are_german(laterne):
    reader = _client()
    answer = reader.post("/accounts/signup/", {"email": "ben@laterne.example"}, follow=True)
    _assert_german(answer.content.decode(), "typing in the code")
    sent = Mail.objects.get()
    _assert_german(f"<p>{sent.subject} {sent.text} {seen(sent.html)}</p>", "mail")
    signed_in = _client(ada())
    for address in ("/account/", "/account/devices/", "/account/saved/add/?article=1",
                    "/accounts/email/", "/accounts/password/change/", "/accounts/logout/",
                    "/accounts/2fa/"):  # fmt: skip
        _assert_german(signed_in.get(address).content.decode(), address)


@in_german
def test_dates_stand_as_german_papers_print_them(laterne):
    page = surfaces()[_article("Hafen").path, "full"]
    assert "Agenturmeldung vom 17. Oktober 2023, 18:13 Uhr UTC" in page
    printed = r"Veröffentlicht: <time [^>]*>\d\d?\. [A-Zä][a-zä]+ \d{4}, \d\d:\d\d Uhr MES?Z</time>"
    assert re.search(printed, page)
    today = r"(Mon|Diens|Donners|Frei|Sams|Sonn)tag|Mittwoch"
    assert re.search(rf">({today}), \d\d?\. [A-Zä][a-zä]+ \d{{4}}</time>", page)
    with override("de"):
        assert formats.date_format(DATED, "DATE_FORMAT") == "17. Oktober 2023"
        assert formats.date_format(DATED, "TIME_FORMAT") == "18:12"
        assert formats.date_format(DATED, "DATETIME_FORMAT") == "17. Oktober 2023, 18:12 Uhr"


@pytest.mark.parametrize(
    ("owned", "said"),
    [
        ((), "Dieser Bericht wurde automatisch aus einem Feed der Agentur Quill erstellt."
             " Die Redaktion von „Die Laterne“ hat ihn nicht bearbeitet."),
        (("headline",), f"Nur die Überschrift dieses Berichts wurde {BY_STAFF} überarbeitet;"),
        (("standfirst",), f"Nur der Vorspann dieses Berichts wurde {BY_STAFF} überarbeitet;"),
        (("picture",), f"Nur das Bild dieses Berichts wurde {BY_STAFF} ausgewählt;"),
        (("headline", "picture"),
         f"Nur die Überschrift und das Bild dieses Berichts wurden {BY_STAFF} überarbeitet;"),
        (("headline", "standfirst", "picture"),
         "Nur die Überschrift, der Vorspann und das Bild dieses Berichts wurden"
         f" {BY_STAFF} überarbeitet;"),
        (FIELDS, "Dieser Bericht beruht auf einem Feed der Agentur Quill und wurde"
                 f" {BY_STAFF} bearbeitet."),
    ],
)  # fmt: skip
def test_the_disclosure_is_exact_in_german(owned, said):
    told = disclosure(owned, from_wire=True)
    said = f"{said} {FROM_THE_FEED}" if told.form == "fields" else said
    with override("de"):
        assert disclosure_text(told, paper="Die Laterne", agency="Quill") == said
        assert disclosure_text(Disclosure("own"), paper="Die Laterne", agency="") == ""


@in_german
def test_the_disclosure_on_the_page_is_german(laterne):
    page = surfaces()[_article("Hafen").path, "teaser"]
    assert "Die Redaktion von „Die Laterne“ hat ihn nicht bearbeitet." in page


@in_german
def test_the_agencys_notices_are_written_in_the_papers_language(laterne):
    with override("en-gb"):  # As in the worker, which speaks to the publisher's terminal.
        assert _article("Fähre").notices.get().text == "Die Agentur hat diesen Bericht korrigiert."
    gone = _article("Brücke")
    assert gone.notices.get().text == "Die Agentur hat diesen Bericht zurückgezogen."
    assert "Die Agentur hat diesen Bericht zurückgezogen." in surfaces()[gone.path, "plain"]


@in_german
def test_the_desks_own_screens_are_german(laterne, feed):
    feed.rule_set.update(action="hold")
    _send(feed, "urn:4", headline="Lager brennt", body="")
    _unreadable(feed)
    article, held = _article("Hafen"), Intake.objects.get(item__key="urn:4")
    desk.correct(article, "Es waren zwei Schiffe.", by=ada())
    addresses = [reverse("desk_item", args=[pk]) for pk in (held.item_id, article.item_id)]
    addresses += [reverse(name) for name in SCREENS]
    addresses += [reverse(name, args=[article.pk]) for name in ARTICLE_SCREENS]
    publisher = _client(_publisher())
    for address in addresses:
        response = publisher.get(address, follow=True)
        assert response.status_code == 200, address
        assert english_in(response.content.decode()) == [], address


def _publisher():
    user = ada()
    user.is_superuser = True
    user.save()
    return user


def _unreadable(feed):
    problems = list(parse(b"hello").problems)
    Fetch.objects.create(
        feed=feed, name="kaputt.txt", outcome=Outcome.QUARANTINED, problems=problems
    )


@in_german
def test_a_refusal_is_told_in_the_editors_language(laterne):
    article = _article("Hafen")
    answer = _client(ada()).post(
        reverse("desk_compare", args=[article.pk]), {"choice": "ours"}, follow=True
    )
    assert "Es wartet keine Fassung der Agentur. Es wurde nichts geändert." in seen(
        answer.content.decode()
    )


@in_german
def test_what_the_rules_say_is_stored_in_english_and_shown_in_german(laterne, feed):
    _send(feed, "urn:5", headline="Leer {{ name }}", body="")
    stored = Intake.objects.get(item__key="urn:5")
    assert "The text holds template marks such as {{ … }}." in stored.reasons
    with override("de"):
        shown = row(items().get(key="urn:5")).reasons
    assert "Der Text enthält Vorlagenzeichen wie {{ … }}." in shown
    assert not set(shown) & set(stored.reasons)


def test_every_reason_of_the_rules_can_be_translated():
    said = set()
    for kind in ("news", "advisory", "teaser", "test"):
        wrong = Candidate("withheld", "", kind, "", "", ("damaged", "template-marks"),
                          timedelta(days=9), True)  # fmt: skip
        said |= set(reasons_against(wrong, timedelta(days=1)))
    assert said == set(REASONS)
    known = {key for key, _ in entries(CATALOGUE.read_text())}
    assert {*REASONS, *SIGNALS, *PROBLEMS} <= known


def test_no_entry_of_the_catalogue_is_empty_or_fuzzy():
    text = CATALOGUE.read_text()
    assert "fuzzy" not in text
    assert [key for key, said in entries(text).items() if not said.strip()] == []


def test_every_placeholder_is_kept():
    holder = re.compile(r"%\(\w+\)[sd]|\{\{ \w+ \}\}|%[sd]")
    for (key, _), said in entries(CATALOGUE.read_text()).items():
        sentence = key.rpartition("\x04")[2]
        assert set(holder.findall(sentence)) == set(holder.findall(said)), sentence


def test_the_compiled_catalogue_says_what_the_written_one_says():
    assert compiled(CATALOGUE.with_suffix(".mo")) == entries(CATALOGUE.read_text())


def test_languages_to_choose_are_those_that_are_translated():
    assert [code for code, _ in settings.LANGUAGES] == ["en-gb", "de"]
    with override("de"):
        assert gettext("headline") == "Überschrift"


def test_every_sentence_in_the_code_is_in_the_catalogue(tmp_path):
    if not all(shutil.which(tool) for tool in ("xgettext", "msgmerge", "msguniq", "msgattrib")):
        pytest.skip("gettext is missing: this test needs Debian's package gettext")
    ignored = shutil.ignore_patterns("locale", "tests", "migrations", "static", "*.pyc", "*.toml",
                                     "pictures")  # fmt: skip
    copy = tmp_path / "broadsheet"
    shutil.copytree(PACKAGE, copy, ignore=ignored)
    (copy / "locale").mkdir()
    command = [sys.executable, "-m", "django", "makemessages", "--locale", "de", "--no-location",
               "--settings", "broadsheet.config.settings"]  # fmt: skip
    env = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(tmp_path), "BROADSHEET_HOME": str(tmp_path)}
    subprocess.run(command, cwd=copy, env=env, check=True, capture_output=True)
    asked = entries((copy / "locale" / "de" / "LC_MESSAGES" / "django.po").read_text())
    assert {key for key, _ in asked} == {key for key, _ in entries(CATALOGUE.read_text())}
