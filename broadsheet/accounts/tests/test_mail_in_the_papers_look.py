import re
from dataclasses import replace
from pathlib import Path

import pytest
from allauth import account
from django.db import transaction
from lxml import html

from broadsheet.accounts import mails, outbox
from broadsheet.accounts.models import Mail
from broadsheet.accounts.tests.doors import browser, fill, newest
from broadsheet.look.parts import PaperView
from broadsheet.look.strict import UnknownName

pytestmark = pytest.mark.django_db

PAPER = PaperView(
    name="Fish & Chips' Daily", nameplate="Fish & Chips' Daily", tagline="", language="en-gb",
    direction="ltr", zone="Asia/Kolkata", origin="https://fish.example", description="", device="",
    sections=(), pages=(), has_premium=False, demo=False,
)  # fmt: skip
CODE = {"code": "BCDF-GHJK"}
OURS = Path(mails.__file__).parent / "templates" / "accounts" / "mail"


def test_a_mail_is_a_row_with_both_parts(db):
    mail = outbox.queue("ida@fish.example", "accounts/mail/login_code", CODE, paper=PAPER)
    assert Mail.objects.get() == mail
    assert mail.subject == "Your sign-in code: BCDF-GHJK"
    assert "    BCDF-GHJK\n" in mail.text
    assert "BCDF-GHJK" in html.fromstring(mail.html).text_content()
    assert mail.sent_at is None


def test_without_the_change_there_is_no_mail(db):
    with pytest.raises(ZeroDivisionError):
        with transaction.atomic():
            outbox.queue("ida@fish.example", "accounts/mail/login_code", CODE, paper=PAPER)
            raise ZeroDivisionError
    assert not Mail.objects.exists()


def test_the_paper_is_named_as_sender(db):
    mail = outbox.queue("ida@fish.example", "accounts/mail/login_code", CODE, paper=PAPER)
    assert mail.sender == "Fish & Chips' Daily <news@localhost>"


def test_a_name_that_is_missing_is_an_error_and_no_mail(db):
    with pytest.raises(UnknownName):
        outbox.queue("ida@fish.example", "accounts/mail/login_code", {}, paper=PAPER)
    assert not Mail.objects.exists()


def test_the_text_part_holds_names_as_they_are_and_the_html_part_escapes_them(db):
    mail = outbox.queue("ida@fish.example", "accounts/mail/login_code", CODE, paper=PAPER)
    assert "-- \nFish & Chips' Daily\nhttps://fish.example\n" in mail.text
    assert "Fish &amp; Chips&#x27; Daily" in mail.html


def test_lines_are_short_unless_an_address_is_long(db):
    url = "https://fish.example/" + "x" * 90
    for name in ("password_reset", "no_account", "address_taken"):
        mail = outbox.queue("i@fish.example", f"accounts/mail/{name}", {"url": url}, paper=PAPER)
        long = [line for line in mail.text.splitlines() if len(line) > 78]
        assert long == [url], name
        assert "\n\n\n" not in mail.text


def test_a_mail_speaks_the_papers_language_in_its_zone(db):
    german = replace(PAPER, language="de", zone="Europe/Berlin")
    mail = outbox.queue("ida@fish.example", "accounts/mail/login_code", CODE, paper=german)
    assert '<html lang="de"' in mail.html


@pytest.mark.parametrize("name", sorted(p.stem for p in OURS.glob("*.html") if p.stem != "base"))
def test_every_mail_can_be_read_without_pictures_and_in_the_dark(name, db):
    given = CODE | {
        "url": "https://fish.example/x", "what": "Your password has been changed.",
        "facts": (("When", "today"),),
    }  # fmt: skip
    mail = outbox.queue("ida@fish.example", f"accounts/mail/{name}", given, paper=PAPER)
    page = html.fromstring(mail.html)
    assert not page.xpath("//img | //script | //link | //*[@src]")
    assert page.xpath("//meta[@name='color-scheme']/@content") == ["light dark"]
    assert "prefers-color-scheme: dark" in mail.html
    assert len(page.xpath("//h1")) == 1
    assert "Fish & Chips' Daily" in page.text_content()
    assert "{" not in mail.text + mail.subject
    assert len(mail.html) < 9_000


def test_no_text_part_is_written_as_markup():
    for path in OURS.glob("*.txt"):
        said = path.read_text()
        assert "autoescape off" in said or '{% extends "accounts/mail/base.txt" %}' in said, path


def test_every_mail_of_allauths_has_words_of_ours():
    folder = Path(account.__file__).parents[1] / "templates"
    found = [
        p
        for app in ("account", "mfa", "socialaccount")
        for p in folder.glob(f"{app}/email/*_message.txt")
    ]
    asked = {str(p.relative_to(folder)).removesuffix("_message.txt") for p in found}
    bases = {"account/email/base"}
    unused = {"account/email/password_reset_code"}
    assert asked - bases - unused == set(mails.MAILS) | set(mails.CHANGES)


def test_a_code_mail_of_the_doors_comes_in_both_parts_from_the_papers_origin(paper):
    client = browser()
    fill(client, client.get("/accounts/signup/"), "email", email="ida@lantern.example")
    mail = newest("ida@lantern.example")
    assert "The Lantern" in mail.html
    assert mail.sender.startswith("The Lantern <")
    assert re.search(r"letter-spacing:\d+px[^>]*>[B-Z]{4}-[B-Z]{4}<", mail.html)
    assert "http://localhost:8000" in mail.text
