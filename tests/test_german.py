"""A paper set to German is German throughout: for its readers, and on the desk's own screens."""

import re
import shutil
from datetime import timedelta

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext, override

from broadsheet.accounts.models import Mail
from broadsheet.desk import actions as desk
from broadsheet.desk.models import Intake
from broadsheet.desk.reads.queue_rows import item_row
from broadsheet.desk.rules import DOUBTS, FIELDS, Candidate, Disclosure, disclosure, reasons_against
from broadsheet.desk.wording import PROBLEMS, REASONS, SIGNALS, disclosure_text
from broadsheet.subscriptions.models import Entitlement, PaidPeriod
from broadsheet.subscriptions.tests import conftest as shop
from broadsheet.wire.formats import parse
from broadsheet.wire.models import Fetch, Item, Outcome
from tests import catalogue
from tests.cast import ada, ben
from tests.catalogue import assert_german, english_in, report, seen, visitor, walls, written
from tests.surfaces import surfaces

in_german = pytest.mark.django_db(transaction=True)

FROM_THE_FEED = "der übrige Inhalt wurde automatisch aus einem Agenturfeed erstellt."
BY_STAFF = "von der Redaktion von „Die Laterne“"

SCREENS = ("wagtailadmin_home", "desk_incoming",
           "wagtailsnippets_desk_article:list", "wagtailsnippets_desk_article:add",
           "wagtailsnippets_fronts_front:add", "feeds:add", "sections:index", "rules:add",
           "house_ads:add", "static_pages:add")  # fmt: skip
MONEY_SCREENS = ("business", "business_subscriptions", "business_payments", "business_plans",
                 "business_plan_add", "business_gateway", "entitlements:add",
                 "grants:index")  # fmt: skip
ARTICLE_SCREENS = ("desk_compare", "desk_correct", "desk_withdraw", "article_links",
                   "wagtailsnippets_desk_article:edit")  # fmt: skip

till, plan = shop.till, shop.plan
laterne, jahresabo = catalogue.laterne, catalogue.jahresabo


@in_german
def test_no_pressed_page_holds_an_english_sentence_of_ours(laterne):
    pages = {k: v for k, v in surfaces().items() if v.startswith("<!doctype html>")}
    paths = {path for path, _ in pages}
    assert {"/", "/world/", "/premium/", "!404", "!410", "!503"} <= paths
    assert {"full", "full_no_ads", "teaser"} <= {variant for _, variant in pages}
    assert len({path for path in paths if path.startswith("/20")}) == 3
    for place, page in pages.items():
        assert '<html lang="de" dir="ltr">' in page, place
        assert_german(page, place)


@in_german
def test_the_wall_speaks_german_for_every_reason(laterne):
    fragments = walls()
    assert {"limit_anonymous", "limit_registered", "register", "register_more"} <= set(fragments)
    assert {"premium", "closed", "count", "count_last"} <= set(fragments)
    for reason, fragment in fragments.items():
        assert_german(fragment, reason)
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
    response = visitor().get(address)
    page = response.content.decode()
    assert '<html lang="de"' in page
    assert_german(page, address)


@in_german
def test_a_readers_account_and_mail_are_german(laterne):
    reader = visitor()
    answer = reader.post("/accounts/signup/", {"email": "ben@laterne.example"}, follow=True)
    assert_german(answer.content.decode(), "typing in the code")
    sent = Mail.objects.get()
    assert_german(f"<p>{sent.subject} {sent.text} {seen(sent.html)}</p>", "mail")
    signed_in = visitor(ada())
    for address in ("/account/", "/account/devices/", "/account/saved/",
                    "/account/gift/",
                    "/accounts/email/", "/accounts/password/change/", "/accounts/logout/",
                    "/accounts/2fa/"):  # fmt: skip
        assert_german(signed_in.get(address).content.decode(), address)


@in_german
def test_dates_stand_as_german_papers_print_them(laterne):
    page = surfaces()[report("Hafen").path, "full"]
    assert "Agenturmeldung vom 17. Oktober 2023, 18:13 Uhr UTC" in page
    printed = r"Veröffentlicht: <time [^>]*>\d\d?\. [A-Zä][a-zä]+ \d{4}, \d\d:\d\d Uhr MES?Z</time>"
    assert re.search(printed, page)
    today = r"(Mon|Diens|Donners|Frei|Sams|Sonn)tag|Mittwoch"
    assert re.search(rf">({today}), \d\d?\. [A-Zä][a-zä]+ \d{{4}}</time>", page)
    with override("de"):
        at = catalogue.DATED
        assert formats.date_format(at, "DATE_FORMAT") == "17. Oktober 2023"
        assert formats.date_format(at, "TIME_FORMAT") == "18:12"
        assert formats.date_format(at, "DATETIME_FORMAT") == "17. Oktober 2023, 18:12 Uhr"


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
    page = surfaces()[report("Hafen").path, "teaser"]
    assert "Die Redaktion von „Die Laterne“ hat ihn nicht bearbeitet." in page


@in_german
def test_the_agencys_notices_are_written_in_the_papers_language(laterne):
    with override("en-gb"):  # As in the worker, which speaks to the publisher's terminal.
        assert report("Fähre").notices.get().text == "Die Agentur hat diesen Bericht korrigiert."
    gone = report("Brücke")
    assert gone.notices.get().text == "Die Agentur hat diesen Bericht zurückgezogen."
    assert "Die Agentur hat diesen Bericht zurückgezogen." in surfaces()[gone.path, "plain"]


@in_german
def test_the_desks_own_screens_are_german(laterne, feed):
    feed.rule_set.update(action="hold")
    catalogue.send_report(feed, "urn:4", headline="Lager brennt", body="")
    _unreadable(feed)
    article, held = report("Hafen"), Intake.objects.get(item__key="urn:4")
    desk.correct(article, "Es waren zwei Schiffe.", by=ada())
    addresses = [reverse("desk_item", args=[pk]) for pk in (held.item_id, article.item_id)]
    addresses += [reverse(name) for name in SCREENS]
    addresses += [reverse(name, args=[article.pk]) for name in ARTICLE_SCREENS]
    _assert_screens_german(addresses)


def _assert_screens_german(addresses):
    publisher = visitor(_publisher())
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
def test_the_wall_offers_its_plans_in_german(jahresabo):
    for reason, fragment in walls().items():
        assert_german(fragment, reason)
    wall = seen(walls()["limit_anonymous"])
    assert "Jetzt abonnieren und unbegrenzt lesen. Jahresabo 2.700 ₹ für 1 Jahr" in wall
    assert "225 ₹/Monat · inklusive 18 % GST Auswählen: Jahresabo" in wall
    assert "Unbegrenzt lesen: Jeder Bericht, jeden Tag, ohne Mitzählen." in wall
    assert "Verlängert sich automatisch, jederzeit kündbar." in wall
    assert "Schon abonniert? Anmelden" in wall


@in_german
def test_the_offer_is_german_before_and_after_signing_in(jahresabo):
    page = visitor().get("/subscribe/").content.decode()
    assert_german(page, "price list")
    assert "„Die Laterne“ abonnieren" in seen(page)
    address = reverse("choose", args=[jahresabo.slug])
    asked = visitor().get(address, follow=True).content.decode()
    assert_german(asked, "signing up")
    assert "Sie haben „Jahresabo“ gewählt, 2.700 ₹." in seen(asked)
    offer = visitor(ben()).get(address).content.decode()
    assert_german(offer, "offer")
    assert "Verlängert sich automatisch jedes Jahr zum Preis von 2.700 ₹, jeder" in seen(offer)
    assert "2.700 ₹ bezahlen" in seen(offer)


@in_german
def test_a_subscribers_account_and_mail_are_german(jahresabo, till):
    reader = ben()
    shop.buy(till, reader, jahresabo)
    signed_in = visitor(reader)
    page = signed_in.get("/account/").content.decode()
    assert "Nächste Abbuchung: 2.700 ₹ am " in seen(page)
    assert ". Verlängert sich jedes Jahr. Karte: •••• 4242." in seen(page)
    invoice = PaidPeriod.objects.get().payment.invoice
    addresses = [reverse("cancel"), reverse("saved"), reverse("invoice", args=[invoice.label])]
    pages = [page, *(signed_in.get(address).content.decode() for address in addresses)]
    pages += [signed_in.post(reverse("cancel"), follow=True).content.decode()]
    for shown in pages:
        assert_german(shown, "account")
    assert "Ihr Abonnement ist gekündigt. Eine E-Mail bestätigt es." in seen(pages[-1])
    mails = list(Mail.objects.order_by("id"))
    assert [m.subject for m in mails] == ["Ihr Abonnement: Jahresabo", "Gekündigt: Jahresabo"]
    for mail in mails:
        assert_german(f"<p>{mail.subject} {mail.text} {seen(mail.html)}</p>", mail.subject)
    assert f"Rechnung {invoice.label}" in mails[0].text
    assert "Sie haben „Jahresabo“ gekündigt. Sie lesen weiter bis zum " in mails[1].text


@in_german
def test_the_desks_screens_of_readers_and_money_are_german(jahresabo, till):
    sold = shop.buy(till, ben(), jahresabo).settled.subscription
    known = Entitlement.objects.get(name="premium")
    addresses = [reverse(name) for name in MONEY_SCREENS]
    addresses += [reverse("business_subscription", args=[sold.pk]),
                  reverse("business_plan", args=[jahresabo.pk]),
                  reverse("business_refund", args=[PaidPeriod.objects.get().payment_id]),
                  reverse("entitlements:edit", args=[known.pk])]  # fmt: skip
    _assert_screens_german(addresses)


@in_german
def test_a_refusal_is_told_in_the_editors_language(laterne):
    article = report("Hafen")
    answer = visitor(ada()).post(
        reverse("desk_compare", args=[article.pk]), {"choice": "ours"}, follow=True
    )
    assert "Es wartet keine Fassung der Agentur. Es wurde nichts geändert." in seen(
        answer.content.decode()
    )


@in_german
def test_what_the_rules_say_is_stored_in_english_and_shown_in_german(laterne, feed):
    catalogue.send_report(feed, "urn:5", headline="Leer {{ name }}", body="")
    stored = Intake.objects.get(item__key="urn:5")
    assert "The text holds template marks such as {{ … }}." in stored.reasons
    with override("de"):
        shown = item_row(Item.objects.get(key="urn:5")).details
    assert "Der Text enthält Vorlagenzeichen wie {{ … }}." in shown
    assert not set(shown) & set(stored.reasons)


def test_every_reason_of_the_rules_can_be_translated():
    said = set()
    for kind in ("news", "advisory", "teaser", "test"):
        wrong = Candidate(
            "withheld",
            "",
            kind,
            "",
            "",
            ("damaged", "template-marks", *DOUBTS),
            timedelta(days=9),
            True,
            allowed=False,
            recalled=True,
            recalls=True,
        )
        said |= set(reasons_against(wrong, timedelta(days=1)))
    assert said <= set(REASONS)
    assert len(said) > 12
    known = {key for key, _ in written()}
    assert {*REASONS, *SIGNALS, *PROBLEMS} <= known


def test_no_entry_of_the_catalogue_is_empty_or_fuzzy():
    assert "fuzzy" not in catalogue.CATALOGUE.read_text()
    assert [key for key, said in written().items() if not said.strip()] == []


def test_every_placeholder_is_kept():
    holder = re.compile(r"%\(\w+\)[sd]|\{\{ \w+ \}\}|\{\w+\}|%[sd]|%%")
    for (key, form), said in written().items():
        sentence = key.rpartition("\x04")[2]
        asked, kept = (set(holder.findall(text)) for text in (sentence, said))
        # "every minute" has its number in the plural only: "every %(n)d minutes".
        assert asked == kept or (str(form) == "1" and not asked), sentence


def test_the_compiled_catalogue_says_what_the_written_one_says():
    assert catalogue.compiled(catalogue.CATALOGUE.with_suffix(".mo")) == written()


def test_languages_to_choose_are_those_that_are_translated():
    assert [code for code, _ in settings.LANGUAGES] == ["en-gb", "de"]
    with override("de"):
        assert gettext("headline") == "Überschrift"


def test_every_sentence_in_the_code_is_in_the_catalogue(tmp_path):
    if not all(shutil.which(tool) for tool in ("xgettext", "msgmerge", "msguniq", "msgattrib")):
        pytest.skip("gettext is missing: this test needs Debian's package gettext")
    asked, known = catalogue.asked_for(tmp_path), written()
    assert {key for key, _ in asked} == {key for key, _ in known}
