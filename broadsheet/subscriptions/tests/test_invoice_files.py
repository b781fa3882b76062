"""Invoices as PDF: what they say can be read and copied, always the same, by their owner only."""

import os
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from io import BytesIO, StringIO
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from pypdf import PdfReader

from broadsheet.accounts.models import Mail, User
from broadsheet.config.doctor import examine
from broadsheet.ledger.models import Billing, Invoice, Payment, Seller
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.printing import invoice_pdf
from broadsheet.subscriptions.reads.invoices import InvoiceView, LineView
from broadsheet.subscriptions.tests.conftest import buy
from broadsheet.subscriptions.tests.desk_cast import publisher
from tests.cast import ada, ben

DAY = datetime(2026, 3, 31, 15, 30, tzinfo=ZoneInfo("Asia/Kolkata"))
VIEW = InvoiceView(
    label="MC-2026-000001", credits="", issued=DAY, seller="Merrow Press Ltd\n1 Quay\nGSTIN 29AB",
    buyer="Zoë Müller-Łódź, zoe@tarn.example", what="The Merrow Courier: Smart", first=DAY,
    until=DAY.replace(month=6, day=30), net="₹762.71", taxes=(LineView("GST 18%", "₹137.29"),),
    total="₹900", pdf="",
)  # fmt: skip


def browser(user=None):
    client = Client()
    if user is not None:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def words(data):
    reader = PdfReader(BytesIO(data))
    return reader, " ".join("\n".join(page.extract_text() for page in reader.pages).split())


@pytest.fixture
def bought(till, plan, travel):
    Seller.objects.create(
        name="Lantern Press GmbH", address="Löwenstraße 5\n80331 München",
        tax_number="USt-IdNr. DE123456789", prefix="TL",
    )  # fmt: skip
    reader = ben()
    buy(till, reader, plan)
    return reader


def test_everything_an_invoice_must_say_can_be_copied_out_of_it(bought):
    answer = browser(bought).get("/account/invoices/TL-2026-000001/pdf/")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"].endswith("private")
    assert "no-store" in answer.headers["cache-control"]
    assert (
        answer.headers["content-disposition"]
        == 'attachment; filename="the-lantern-invoice-tl-2026-000001.pdf"'
    )
    reader, text = words(answer.content)
    for said in ("Lantern Press GmbH", "Löwenstraße 5 80331 München", "USt-IdNr. DE123456789",
                 "Invoice TL-2026-000001", "31 March 2026", "31 March 2026 – 30 June 2026",
                 bought.email, "The Lantern: Quarterly", "Net ₹762.71", "GST 18% ₹137.29",
                 "Total ₹900"):  # fmt: skip
        assert said in text
    assert reader.metadata.title == "Invoice TL-2026-000001"
    assert reader.trailer["/Root"]["/Lang"] == "en-gb"
    fonts = reader.pages[0]["/Resources"]["/Font"].values()
    used = [font.get_object() for font in fonts if "DejaVu" in font.get_object()["/BaseFont"]]
    assert len(used) == 2
    assert all("/FontFile2" in font["/FontDescriptor"] for font in used), "letters go along"


def test_a_credit_note_names_the_invoice_it_takes_back(bought, till):
    actions.refund(till, Payment.objects.get(), "Moved", ada())
    note = Invoice.objects.get(total__lt=0)
    _, text = words(browser(bought).get(f"/account/invoices/{note.label}/pdf/").content)
    for said in ("Credit note TL-2026-000002", "Takes back invoice TL-2026-000001", "−₹900"):
        assert said in text


def test_nobody_else_finds_it(bought):
    where = "/account/invoices/TL-2026-000001/pdf/"
    other = User.objects.create_user("eve@lantern.example")
    assert browser(other).get(where).status_code == 404
    assert browser(bought).get(where.replace("1/pdf", "9/pdf")).status_code == 404
    assert "/accounts/login/" in browser().get(where).headers["location"]


def test_the_same_invoice_is_the_same_bytes(bought):
    where = "/account/invoices/TL-2026-000001/pdf/"
    first = browser(bought).get(where).content
    assert browser(bought).get(where).content == first
    desk = publisher().get(reverse("business_invoice", args=["TL-2026-000001"]))
    assert desk.content == first


def test_the_desk_shows_it_to_those_who_may_see_payments(bought):
    where = reverse("business_invoice", args=["TL-2026-000001"])
    assert where in publisher().get(reverse("business_payments")).content.decode()
    assert browser(bought).get(where).status_code == 403


def test_page_account_and_receipt_lead_to_it(bought):
    where = "/account/invoices/TL-2026-000001/pdf/"
    assert where in browser(bought).get("/account/").content.decode()
    assert where in browser(bought).get("/account/invoices/TL-2026-000001/").content.decode()
    mail = Mail.objects.get()
    assert where in mail.text
    assert where in mail.html


def test_in_german_with_euros():
    with translation.override("de"):
        view = replace(
            VIEW, total="1.234,50 €", net="1.037,39 €", taxes=(LineView("GST 18%", "197,11 €"),)
        )
        _, text = words(invoice_pdf(view, "de"))
    for said in ("Rechnung MC-2026-000001", "31. März 2026", "1.234,50 €", "Zoë Müller-Łódź"):
        assert said in text


def test_long_names_markup_and_strange_letters_stay_on_the_page():
    view = replace(VIEW, buyer="x" * 320, what="<b>& <para>", seller="S\n" + "Street\n" * 90)
    reader, text = words(invoice_pdf(view, "en"))
    assert len(reader.pages) == 2
    assert "x" * 320 in text.replace(" ", "")
    assert "<b>& <para>" in text
    _, text = words(invoice_pdf(replace(VIEW, buyer="山田"), "en"))
    assert "₹900" in text


def test_a_name_in_hindi_is_printed_in_its_letters_and_they_are_joined():
    reader, text = words(invoice_pdf(replace(VIEW, buyer="M/s. लक्ष्मी & Sons, पुणे"), "en"))
    assert "& Sons, पुणे" in text
    fonts = [f.get_object() for f in reader.pages[0]["/Resources"]["/Font"].values()]
    hindi = [font for font in fonts if "Devanagari" in font["/BaseFont"]]
    assert hindi and all("/FontFile2" in font["/FontDescriptor"] for font in hindi)
    assert "लक्ष्मी" not in text, "क्ष is one shape, which is no letter"


PRINT = """
import sys, django
django.setup()
from dataclasses import replace
from hashlib import sha1
from broadsheet.subscriptions.printing import invoice_pdf
from broadsheet.subscriptions.tests.test_invoice_files import VIEW
for buyer in sys.argv[1:]:
    file = invoice_pdf(replace(VIEW, buyer=buyer), "en")
print(sha1(file).hexdigest())
"""


START = """
import sys, django
django.setup()
from django.urls import get_resolver
get_resolver().url_patterns
import broadsheet.config.schedule
print({"reportlab", "uharfbuzz"} & set(sys.modules))
"""


def python(code, *words):
    """What a Python of its own says, with the paper's settings."""
    there = os.environ | {"DJANGO_SETTINGS_MODULE": "broadsheet.config.settings"}
    done = subprocess.run(
        [sys.executable, "-c", code, *words], env=there, capture_output=True, check=True
    )
    return done.stdout.decode().strip()


def test_a_page_does_not_depend_on_what_was_printed_before_it():
    alone = python(PRINT, "लक्ष्मी क्षत्रिय")
    assert alone == python(PRINT, "कृष्णा श्रीवास्तव", "लक्ष्मी क्षत्रिय")


def test_newsroom_and_worker_start_without_what_draws_invoices():
    assert python(START) == "set()"


def test_who_types_letters_that_no_invoice_has_is_told_and_not_stopped(bought):
    facts = {"name": "山田 Ltd", "country": "JP", "region": "", "address": "東京", "tax_number": ""}
    told = "The PDF of your invoices has no letters for 山 田 東 京: they are boxes there."
    answer = browser(bought).post("/account/billing/", facts, follow=True).content.decode()
    assert told in answer
    assert Billing.objects.get().name == "山田 Ltd"
    plain = facts | {"name": "Məmmədov", "address": "Adékọ́lá"}
    answer = browser(bought).post("/account/billing/", plain, follow=True).content.decode()
    assert "no letters for" not in answer


def test_the_doctor_says_that_the_seller_cannot_be_printed(bought, settings):
    Seller.objects.update(name="株式会社")
    out = StringIO()
    examine(out)
    assert "Invoices as PDF have no letters for 株 式 会 社" in out.getvalue()
