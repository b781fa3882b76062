import threading

import pytest

from broadsheet.ledger.tests.fakepay.cast import DECLINED, GOOD, HTTP, POOR, fill_in, get, order


@pytest.fixture
def hosted(client):
    return client.open_checkout(order())


def test_paying_leads_back_and_makes_it_active(client, hosted):
    answer = fill_in(hosted.url)
    assert (answer.status_code, answer.headers["location"]) == (303, order().return_url)
    standing = client.look_up(hosted.ref)
    (charge,) = standing.charges
    assert (standing.state, standing.renews) == ("active", True)
    assert (charge.number, charge.amount, charge.currency, charge.paid) == (0, 90000, "INR", True)
    assert (charge.card, charge.problem) == ("•••• 4242", "")
    assert standing.started_at == charge.at


def test_a_double_click_charges_once(client, hosted):
    answers = []
    clicks = [
        threading.Thread(target=lambda: answers.append(fill_in(hosted.url))) for _ in range(8)
    ]
    for click in clicks:
        click.start()
    for click in clicks:
        click.join()
    assert {(a.status_code, a.headers["location"]) for a in answers} == {(303, order().return_url)}
    assert len(client.look_up(hosted.ref).charges) == 1


@pytest.mark.parametrize(
    ("number", "sentence"), [(DECLINED, "The card was declined."), (POOR, "not enough money")]
)
def test_after_a_declined_card_another_one_pays(client, hosted, number, sentence):
    answer = fill_in(hosted.url, number)
    assert answer.status_code == 402
    assert sentence in answer.text
    assert client.look_up(hosted.ref).state == "open"
    assert fill_in(hosted.url).status_code == 303
    standing = client.look_up(hosted.ref)
    assert [charge.paid for charge in standing.charges] == [False, True]
    assert sentence in standing.charges[0].problem
    assert standing.charges[0].number == standing.charges[1].number == 0


@pytest.mark.parametrize(
    ("card", "sentence"),
    [
        ({"number": "4242 4242 4242 4241"}, "This is not a card number."),
        ({"number": "abc"}, "This is not a card number."),
        ({"expiry": "01/20"}, "This card has expired."),
        ({"expiry": "13/49"}, "Give month and year"),
        ({"cvc": "1"}, "three or four digits"),
    ],
)
def test_a_slip_is_named_at_its_field_and_charges_nothing(client, hosted, card, sentence):
    answer = fill_in(hosted.url, **card)
    (field,) = card
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'id="{field}-wrong"' in answer.text
    assert client.look_up(hosted.ref).charges == ()


@pytest.mark.parametrize("expiry", ["12/49", "12 / 49", "1249", "12/2049", "1/49"])
def test_dates_are_taken_as_browsers_fill_them_in(hosted, expiry):
    assert fill_in(hosted.url, expiry=expiry).status_code == 303


def test_no_card_number_is_kept(client, hosted, server, tmp_path):
    fill_in(hosted.url, GOOD)
    fill_in(client.open_checkout(order("o2")).url, "4000 0000 0000 0341")
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("served.sqlite3*"))
    assert b"o2" in kept
    assert b"4242424242" not in kept
    assert b"4242 4242" not in kept
    assert b"0000000341" not in kept


def test_leaving_closes_the_checkout(client, hosted):
    answer = HTTP.post(f"{hosted.url}/cancel")
    assert (answer.status_code, answer.headers["location"]) == (303, order().cancel_url)
    assert client.look_up(hosted.ref).state == "closed"
    assert fill_in(hosted.url).status_code == 410
    assert fill_in(hosted.url, number="").status_code == 410
    page = get(hosted.url)
    assert page.status_code == 410
    assert order().cancel_url in page.text


def test_leaving_after_paying_takes_nothing_back(client, hosted):
    fill_in(hosted.url)
    answer = HTTP.post(f"{hosted.url}/cancel")
    assert answer.headers["location"] == order().return_url
    assert client.look_up(hosted.ref).state == "active"
