"""Where a reader is: asked before the payment if the tax goes by it, said on every invoice."""

import pytest
from django.test import Client
from django.urls import reverse

from broadsheet.accounts.models import Mail
from broadsheet.ledger.models import Billing, Invoice, Seller
from broadsheet.subscriptions import actions, checks
from broadsheet.subscriptions.models import Checkout
from broadsheet.subscriptions.tests.conftest import buy
from broadsheet.subscriptions.tests.desk_cast import publisher
from broadsheet.subscriptions.tests.test_invoice_files import words
from tests.at_once import at_once
from tests.cast import ben

HOME = {"name": "Ben Read", "country": "IN", "region": "27", "address": "", "tax_number": ""}
FIRM = {"name": "Benares Books", "country": "IN", "region": "", "address": "1 MG Road\nBengaluru",
        "tax_number": "29aagcb7383j1z4"}  # fmt: skip


@pytest.fixture
def mumbai(paper):
    return Seller.objects.create(
        name="Merrow Press", country="IN", region="27", tax_number="27AAPFU0939F1ZV", prefix="MC",
        year_begins=4,
    )  # fmt: skip


@pytest.fixture
def berlin(paper):
    return Seller.objects.create(
        name="Lantern Press", country="DE", tax_number="DE136695976", oss=True
    )


def browser(user):
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def shown(client, path="/subscribe/quarterly/"):
    return " ".join(client.get(path).content.decode().split())


def test_whoever_subscribes_says_where_first_and_comes_back(till, plan, mumbai):
    reader = ben()
    client = browser(reader)
    asked = client.get("/subscribe/quarterly/?next=/2026/11/22/harbour")
    assert asked.status_code == 302
    where = asked.headers["location"]
    assert where.startswith(reverse("billing"))
    assert client.post("/subscribe/quarterly/").headers["location"].startswith(reverse("billing"))
    assert not Checkout.objects.exists()
    assert "Save and go on" in client.get(where).content.decode()
    back = "/subscribe/quarterly/?next=/2026/11/22/harbour"
    saved = client.post(reverse("billing"), HOME | {"next": back})
    assert saved.headers["location"] == back
    assert "CGST 9% + SGST 9% included" in shown(client, back)


def test_what_cannot_be_is_refused_and_nothing_is_saved(paper, mumbai):
    client = browser(ben())
    for wrong in (
        HOME | {"region": ""}, HOME | {"country": ""}, HOME | {"tax_number": "27AAPFU0939F1ZW"},
        FIRM | {"region": "27"}, HOME | {"country": "QQ"}, HOME | {"address": "a\n" * 9},
    ):  # fmt: skip
        assert client.post(reverse("billing"), wrong).status_code == 422
    assert not Billing.objects.exists()
    assert client.post(reverse("billing"), HOME | {"next": "//evil.example"}).status_code == 400


def test_nobody_is_asked_whose_place_does_not_matter(till, plan):
    assert browser(ben()).get("/subscribe/quarterly/").status_code == 200
    Seller.objects.create(country="DE")
    assert Client().get("/subscribe/").status_code == 200


def test_the_invoice_says_each_tax_the_place_and_both_numbers(till, plan, mumbai, travel):
    reader = ben()
    client = browser(reader)
    client.post(reverse("billing"), FIRM)
    buy(till, reader, plan)
    label = Invoice.objects.get().label
    assert label == "MC-25-26-1"
    page = " ".join(client.get(f"/account/invoices/{label}/").content.decode().split())
    _, text = words(client.get(f"/account/invoices/{label}/pdf/").content)
    mail = " ".join(Mail.objects.get().text.split())
    for said in ("Benares Books", "29AAGCB7383J1Z4", "27AAPFU0939F1ZV", "1 MG Road", "IGST 18%",
                 "₹137.29", "Karnataka (29)", "998431", "₹762.71"):  # fmt: skip
        assert said in page
        assert said in text
        assert said in mail
    assert [*checks.everything()] == []


def test_two_halves_and_their_rounding_are_on_the_invoice(till, plan, mumbai, travel):
    reader = ben()
    Billing.objects.create(reader=reader, name="Ben", country="IN", region="27")
    buy(till, reader, plan)
    _, text = words(browser(reader).get("/account/invoices/MC-25-26-1/pdf/").content)
    for said in ("Net ₹762.71", "CGST 9% ₹68.64", "SGST 9% ₹68.64", "Rounding ₹0.01", "Total ₹900"):
        assert said in text


def test_a_move_counts_from_the_next_charge_on(till, plan, mumbai, travel):
    reader = ben()
    client = browser(reader)
    client.post(reverse("billing"), HOME)
    bought = buy(till, reader, plan)
    client.post(reverse("billing"), HOME | {"region": "29"})
    travel.move_to("2026-07-01T10:00:00+00:00")
    till.gateway.run_due()
    actions.settle(till, bought.checkout.ref)
    places = Invoice.objects.order_by("issued_at").values_list("place", "label")
    assert list(places) == [("Maharashtra (27)", "MC-25-26-1"), ("Karnataka (29)", "MC-26-27-1")]
    assert [*checks.everything()] == []


def test_in_the_union_the_price_list_names_no_rate_and_the_offer_the_readers(till, plan, berlin):
    assert "18%" not in shown(Client(), "/subscribe/")
    assert "Tax included" in shown(Client(), "/subscribe/")
    reader = ben()
    Billing.objects.create(reader=reader, name="Ben", country="AT")
    assert "VAT 20% included" in shown(browser(reader))


def test_a_firm_of_another_member_state_reads_why_it_pays_no_vat(till, plan, berlin, travel):
    reader = ben()
    Billing.objects.create(
        reader=reader, name="Wiener Blatt", country="AT", tax_number="ATU13585627"
    )
    assert "the recipient accounts for the VAT" in shown(browser(reader))
    buy(till, reader, plan)
    label = Invoice.objects.get().label
    _, text = words(browser(reader).get(f"/account/invoices/{label}/pdf/").content)
    assert "the recipient accounts for the VAT" in text
    assert "VAT 20%" not in text
    assert "ATU13585627" in text


def test_the_desk_is_warned_of_a_rate_that_is_not_the_tables(plan, mumbai):
    where = reverse("business_plan", args=[plan.pk])
    assert "The table of taxes says" not in publisher().get(where).content.decode()
    Seller.objects.update(country="HU")
    page = publisher().get(where).content.decode()
    assert "The table of taxes says VAT 27% here today" in page


def test_in_the_one_stop_shop_the_desk_says_by_which_rates_readers_elsewhere_pay(plan, berlin):
    where = reverse("business_plan", args=[plan.pk])
    told = "where no lower one is verified, the standard rate"
    page = publisher().get(where).content.decode()
    assert told in page
    assert "This rate is not verified" in page
    plan.versions.update(tax_name="VAT", tax_rate=700)
    page = publisher().get(where).content.decode()
    assert told in page
    assert "The table of taxes says" not in page
    Seller.objects.update(oss=False)
    assert told not in publisher().get(where).content.decode()


def test_a_first_plan_is_proposed_the_rate_of_the_table(mumbai):
    page = publisher().get(reverse("business_plan_add")).content.decode()
    assert 'value="18"' in page
    assert 'value="GST"' in page


@pytest.mark.django_db(transaction=True)
def test_a_double_click_saves_the_first_details_once(plan, mumbai):
    reader = ben()
    clients = [browser(reader) for _ in range(3)]
    answers = at_once(*[lambda one=one: one.post("/account/billing/", HOME) for one in clients])
    assert [answer.status_code for answer in answers] == [302] * 3
    assert Billing.objects.get().name == "Ben Read"
