import pytest

from broadsheet.kit.periods import Interval
from broadsheet.ledger.providers.fakepay import cards, wording
from broadsheet.ledger.tests.fakepay.cast import fill_in, get, order


def test_the_form_says_what_is_bought_from_whom_and_how_often(client):
    page = get(client.open_checkout(order()).url)
    for words in ("The Lantern", "Smart Quarterly", "₹900", "every 3 months", "no real money"):
        assert words in page.text
    for token in ("cc-number", "cc-exp", "cc-csc", 'inputmode="numeric"', '<html lang="en">'):
        assert token in page.text


def test_a_german_reader_gets_a_german_page(client):
    hosted = client.open_checkout(order(language="de", amount=90050, currency="EUR"))
    page = get(hosted.url)
    for words in ('<html lang="de">', "900,50\xa0€", "alle 3 Monate", "Kartennummer"):
        assert words in page.text
    declined = fill_in(hosted.url, "4000 0000 0000 0002")
    assert "Die Karte wurde abgelehnt." in declined.text


def test_whatever_came_from_outside_is_escaped(client):
    evil = '"><script>alert(1)</script>'
    hosted = client.open_checkout(
        order(seller=evil, description=evil, cancel_url="http://a.example/?a=\"'><b>")
    )
    page = get(hosted.url)
    assert "<script" not in page.text
    assert "<b>" not in page.text


def test_no_script_may_run_and_no_frame_may_hold_the_page(client):
    policy = get(client.open_checkout(order()).url).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action" not in policy


def test_a_paid_checkout_says_so_and_leads_back(client):
    hosted = client.open_checkout(order())
    fill_in(hosted.url)
    page = get(hosted.url)
    assert page.status_code == 200
    assert "This has been paid" in page.text
    assert order().return_url in page.text


def test_an_unknown_checkout_is_a_page_too(server):
    for path in ("/pay/agr_nobody", "/nowhere", "/"):
        page = get(server.url + path)
        assert page.status_code == 404
        assert "<h1>" in page.text


@pytest.mark.parametrize(
    ("interval", "english", "german"),
    [
        (Interval("month", 1), "every month", "jeden Monat"),
        (Interval("year", 2), "every 2 years", "alle 2 Jahre"),
        (Interval("week", 1), "every week", "jede Woche"),
        (Interval("day", 3), "every 3 days", "alle 3 Tage"),
    ],
)
def test_intervals_are_said_in_words(interval, english, german):
    assert wording.how_often(interval, "en") == english
    assert wording.how_often(interval, "de") == german


def test_every_refusal_of_a_card_has_its_german_sentence():
    sentences = {cards.refusal_of(conduct, 1) for conduct in cards.KNOWN.values()} - {""}
    assert sentences <= wording.GERMAN.keys()
