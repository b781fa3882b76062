"""The page on which a payer types another card in, over HTTP."""

import httpx
import pytest

from broadsheet.ledger.providers.base import GatewayRefused
from broadsheet.ledger.tests.fakepay.cast import fill_in, get, order
from tests.waiting import wait_until

BACK = "https://paper.example/account/card/back/0/"
TYPED = {"number": "5555 5555 5555 4444", "expiry": "04/31", "cvc": "123"}
DECLINED, ASKS = "4000 0000 0000 0002", "4000 0027 6000 3184"


@pytest.fixture
def ref(client):
    hosted = client.open_checkout(order())
    assert fill_in(hosted.url).status_code == 303
    return hosted.ref


@pytest.fixture
def url(client, ref):
    return client.open_card_page(ref, return_url=BACK, language="en")


def send(url, **typed):
    return httpx.post(url, data=TYPED | typed)


def test_the_page_says_what_for_and_that_nothing_is_charged(url):
    page = get(url)
    for words in ("Another card for The Lantern", "Smart Quarterly", "Until now: card •••• 4242",
                  "Nothing is charged today", "Use this card", BACK, "no real money"):  # fmt: skip
        assert words in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "<script" not in page.text


def test_a_card_is_kept_with_its_expiry_and_the_payer_sent_back(client, ref, url):
    for _ in range(2):
        answer = send(url)
        assert (answer.status_code, answer.headers["location"]) == (303, BACK)
    card = client.look_up(ref).card
    assert (card.said, card.expires) == ("•••• 4444", "2031-04")
    assert get(url).headers["location"] == BACK
    assert client.look_up(ref).card == card


@pytest.mark.parametrize(
    ("typed", "status", "words"),
    [
        ({"number": "1234"}, 422, "This is not a card number."),
        ({"expiry": "04/19"}, 422, "This card has expired."),
        ({"cvc": ""}, 422, "Give the three or four digits"),
        ({"number": DECLINED}, 402, "The card was declined.</strong> Your card is as before."),
        ({"number": "4000 0000 0000 9995"}, 402, "not enough money"),
    ],
)
def test_what_is_wrong_is_said_and_changes_nothing(client, ref, url, typed, status, words):
    before = client.look_up(ref)
    answer = send(url, **typed)
    assert (answer.status_code, words in answer.text) == (status, True)
    assert 'role="alert"' in answer.text and "<title>Error: " in answer.text
    assert client.look_up(ref) == before
    assert send(url).status_code == 303, "the form can be sent again"


def test_a_bank_that_asks_is_answered_on_the_way(client, ref, url):
    asked = send(url, number=ASKS)
    assert "May The Lantern take later payments from this card?" in asked.text
    assert client.look_up(ref).card.said == "•••• 4242"
    refused = send(url, number=ASKS, bank="no")
    assert (refused.status_code, "Your card is as before" in refused.text) == (402, True)
    assert send(url, number=ASKS, bank="yes").status_code == 303
    assert client.look_up(ref).card.said == "•••• 3184"


def test_a_page_is_closed_after_a_day_and_when_nothing_renews(client, control, ref, url):
    client.set_renewal(ref, renews=False)
    for answer in (get(url), send(url)):
        assert (answer.status_code, "This page is closed" in answer.text) == (410, True)
    client.set_renewal(ref, renews=True)
    assert get(url).status_code == 200
    control.post("clock", advance=24 * 3600)
    assert send(url).status_code == 410
    assert client.look_up(ref).card.said == "•••• 4242"


def test_a_german_reader_gets_a_german_page(client, ref):
    url = client.open_card_page(ref, return_url=BACK, language="de")
    for words in ('<html lang="de">', "Andere Karte für The Lantern", "Diese Karte verwenden"):
        assert words in get(url).text
    assert "Ihre Karte bleibt wie bisher" in send(url, number=DECLINED).text
    assert "Darf The Lantern" in send(url, number=ASKS).text


def test_the_seller_is_told(receiver, ref, url):
    assert send(url).status_code == 303
    wait_until(lambda: "card.changed" in receiver.kinds(ref))


def test_nobody_comes_to_a_page_by_guessing_and_none_leads_astray(client, server, ref):
    assert get(server.url + "/card/cdp_nobody").status_code == 404
    for address in ("javascript:alert(1)", "paper.example", ""):
        with pytest.raises(GatewayRefused):
            client.open_card_page(ref, return_url=address, language="en")
    open_one = client.open_checkout(order(key="another")).ref
    with pytest.raises(GatewayRefused):
        client.open_card_page(open_one, return_url=BACK, language="en")
    assert httpx.post(f"{server.url}/v1/agreements/{ref}/card-pages", json={}).status_code == 401
