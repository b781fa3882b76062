from types import SimpleNamespace

from django.template.loader import render_to_string

from broadsheet.look.tests import cast

ALONE = {"paper": cast.PAPER, "stylesheet": "/static/look/paper.css"}
READER = SimpleNamespace(email="ann@example.org", is_authenticated=True)


def test_an_account_page_needs_only_paper_and_stylesheet() -> None:
    names = {
        "user": READER,
        "free": "A free account gives you 5 articles every month.",
        "restart": "The count starts again on the first of the month.",
        "subscription": None,
        "invited": [],
        "reads_all": False,
        "invoices": [],
    }
    page = render_to_string("accounts/account.html", ALONE | names)
    assert "ann@example.org" in page
    assert "gives you 5 articles every month" in page
    assert 'name="robots" content="noindex"' in page


def test_the_outbox_shows_mail_as_text() -> None:
    mail = {"subject": "A code", "to": "ann@example.org", "at": cast.NOW, "text": "<b>4F7</b>"}
    page = render_to_string("demo/inbox.html", ALONE | {"mails": [mail]})
    assert "&lt;b&gt;4F7" in page
    assert "<b>4F7" not in page


def test_an_empty_outbox_says_so() -> None:
    assert "Nothing has been sent" in render_to_string("demo/inbox.html", ALONE | {"mails": []})
