"""The pages of a gift subscription: bought, kept, redeemed, by people with and without accounts."""

import io
from datetime import UTC, datetime

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from lxml import html
from pypdf import PdfReader

from broadsheet.accounts.models import Mail, User
from broadsheet.kit import clock
from broadsheet.ledger.models import Invoice, Seller
from broadsheet.ledger.providers.base import GatewaySilent
from broadsheet.subscriptions import actions, checks
from broadsheet.subscriptions.models import GiftSubscription, Grant, Plan, Subscription
from broadsheet.subscriptions.tests.conftest import GOOD, ONCE, buy, terms
from broadsheet.subscriptions.tests.gift_cast import CODE, bought, code, fresh, redeemed
from tests.cast import ada, ben

FORM = "/subscribe/gift/quarterly/"
REDEEM = "/subscribe/redeem/"


@pytest.fixture(autouse=True)
def books_balance(db):
    cache.clear()
    yield
    assert [*checks.everything()] == []


@pytest.fixture(autouse=True)
def then(travel):
    return travel


def at(reader=None):
    client = Client()
    if reader is not None:
        client.force_login(reader, backend="django.contrib.auth.backends.ModelBackend")
    return client


def text(answer):
    return " ".join(html.fromstring(answer.content.decode()).text_content().split())


def hidden(answer):
    tree = html.fromstring(answer.content.decode())
    return {e.get("name"): e.get("value") for e in tree.xpath("//main//input[@type='hidden']")}


def filled(client, **facts):
    base = hidden(client.get(FORM)) | {"buyer_email": "gina@lantern.example"}
    return client.post(FORM, base | facts)


def test_a_plan_for_several_readers_is_not_given(till, plan):
    family = Plan.objects.create(slug="family", name="Family")
    actions.set_terms(family, terms(seats=3))
    assert "Family" not in text(at().get("/subscribe/gift/"))
    assert at().get("/subscribe/gift/family/").status_code == 302


def test_price_and_tax_stand_on_the_first_page_and_plans_that_renew_say_that_a_gift_does_not(
    till, plan
):
    listed = text(at().get("/subscribe/gift/"))
    assert "₹900 for 3 months" in listed
    assert "18% GST included" in listed
    assert "enews automatically" not in listed
    shown = text(at().get(FORM))
    assert "To pay today₹900" in shown
    assert "18% GST included" in shown
    assert 'href="/subscribe/gift/"' in at().get("/subscribe/").content.decode()


def test_nothing_to_give_says_so(till):
    assert "nothing to give" in text(at().get("/subscribe/gift/"))
    assert at().get("/subscribe/gift/none/").status_code == 404


def test_bought_without_an_account_from_the_form_to_the_printed_code(till, plan):
    client = at()
    answer = filled(client, message="For you", buyer_name="Gina")
    gift = GiftSubscription.objects.get()
    assert answer["location"] == gift.url
    mine = f"/subscribe/gift/of/{gift.key}/"
    assert "One moment" in text(client.get(mine))
    till.pay(gift.ref, GOOD)
    page = client.get(mine)
    assert "not redeemed yet" in text(page)
    assert not CODE.search(text(page)), "opening the page shows no code"
    shown = client.post(mine, {"wish": "show"})
    assert CODE.search(text(shown))[0] == code(gift)
    assert "For you" in text(shown)
    label = Invoice.objects.get().label
    paper = at().get(f"{mine}{label}.pdf")
    words = PdfReader(io.BytesIO(b"".join(paper.streaming_content) if paper.streaming
                                 else paper.content)).pages[0].extract_text()  # fmt: skip
    assert label in words
    assert at().get(f"/subscribe/gift/of/other/{label}.pdf").status_code == 404


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"buyer_email": ""}, "This field is required"),
        ({"recipient_email": "nobody"}, "Enter a valid email address"),
        ({"send_on": "2026-04-02"}, "To whom is it to be sent"),
        ({"send_on": "2026-03-30", "recipient_email": "c@d.example"}, "This day is over"),
        ({"send_on": "2029-03-30", "recipient_email": "c@d.example"}, "within a year"),
        ({"message": "x" * 501}, "at most 500 characters"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_ordered(till, plan, facts, said):
    answer = filled(at(), **facts)
    assert answer.status_code == 422
    assert said in text(answer)
    assert not GiftSubscription.objects.exists()


def test_a_price_that_changed_is_shown_again_and_a_silent_gateway_says_so(till, plan, monkeypatch):
    client = at()
    form = hidden(client.get(FORM)) | {"buyer_email": "gina@lantern.example"}
    actions.set_terms(plan, terms(price=95000))
    answer = client.post(FORM, form)
    assert answer.status_code == 409
    assert "₹950" in text(answer)

    def silent(_order):
        raise GatewaySilent("Nobody answers.")

    monkeypatch.setattr(till, "open_checkout", silent)
    answer = filled(client)
    assert answer.status_code == 503
    assert "Nothing was charged" in text(answer)


def test_the_buyers_page_is_the_buyers(till, plan):
    reader = ben()
    gift = bought(till, plan, buyer=reader)
    mine = f"/subscribe/gift/of/{gift.key}/"
    assert at().get(mine)["location"].startswith("/accounts/login/")
    other = User.objects.create_user("cleo@lantern.example")
    refused = at(other).post(mine, {"wish": "show"})
    assert refused.status_code == 403
    assert "You are signed in as cleo@lantern.example" in text(refused)
    assert "ben@lantern.example" not in text(refused)
    assert not CODE.search(text(refused))
    client = at(reader)
    assert client.get(mine).status_code == 200
    client.post(mine, {"wish": "recipient", "recipient_email": "dora@lantern.example"})
    assert fresh(gift).recipient_email == "dora@lantern.example"
    assert "The code of before opens nothing" in text(client.get(mine))
    client.post(mine, {"wish": "recipient", "recipient_email": "dora@lantern.example"})
    assert "Nothing was changed" in text(client.get(mine))
    assert client.post(mine, {"wish": "recipient", "recipient_email": "x"}).status_code == 422
    client.post(mine, {"wish": "send"})
    assert Mail.objects.filter(to="dora@lantern.example").count() == 2
    listed = text(client.get("/account/gift-subscriptions/"))
    assert "Quarterly, 3 months: dora@lantern.example" in listed


def test_mails_that_a_buyer_may_cause_are_limited(till, plan):
    gift = bought(till, plan, recipient_email="dora@lantern.example")
    client = at()
    for _ in range(25):
        client.post(f"/subscribe/gift/of/{gift.key}/", {"wish": "send"})
    assert Mail.objects.filter(to="dora@lantern.example").count() == 21


def test_whoever_signs_in_with_the_other_account_comes_back_to_the_gift(till, plan):
    gift = bought(till, plan, buyer=ben())
    mine = f"/subscribe/gift/of/{gift.key}/"
    client = at(User.objects.create_user("cleo@lantern.example"))
    there = hidden(client.get(mine))["next"]
    assert client.post("/accounts/logout/", {"next": there})["location"] == there
    assert there == f"/accounts/login/?next=%2Fsubscribe%2Fgift%2Fof%2F{gift.key}%2F"


def test_gifts_that_are_begun_are_limited_and_nothing_typed_is_lost(till, plan):
    client = at()
    answers = [filled(client, buyer_name="Gina") for _ in range(21)]
    assert {answer.status_code for answer in answers[:20]} == {302}
    assert answers[20].status_code == 429
    assert "Please try again in an hour" in text(answers[20])
    assert 'value="Gina"' in answers[20].content.decode()
    assert GiftSubscription.objects.count() == 20
    client.post(FORM, {"buyer_email": "nobody"})
    assert GiftSubscription.objects.count() == 20


def test_opening_the_link_redeems_nothing_and_two_steps_do(till, plan):
    reader, gift = ben(), bought(till, plan, buyer_name="Gina", message="Enjoy <b>it</b>")
    client = at(reader)
    page = client.get(REDEEM, {"code": code(gift)})
    assert code(gift) in page.content.decode()
    assert fresh(gift).redeemed_at is None
    offered = client.post(REDEEM, {"code": code(gift)})
    assert "Gina gives you Quarterly for 3 months" in text(offered)
    assert "Ends by itself30 June 2026" in text(offered)
    assert "<b>it</b>" not in offered.content.decode()
    assert fresh(gift).redeemed_at is None
    done = client.post(REDEEM, hidden(offered), follow=True)
    twice = client.post(REDEEM, hidden(offered))
    assert twice.headers["location"] == "/account/gift-subscriptions/", "a double click"
    assert done.redirect_chain[-1][0] == "/account/gift-subscriptions/"
    assert "From 31 March 2026 until 30 June 2026" in text(done)
    assert fresh(gift).redeemed_by == reader
    account = text(client.get("/account/"))
    assert "Quarterly" in account
    assert "A gift from Gina. You have it until 30 June 2026. It ends by itself" in account
    assert "On the paper’s invitation" not in account
    assert "your gift runs at the same time" in text(client.get("/subscribe/quarterly/"))
    again = client.post(REDEEM, {"code": code(gift)})
    assert again.status_code == 422
    assert "redeemed already" in text(again)


def test_who_has_no_account_gives_an_address_first_and_comes_back(till, plan):
    gift, client = bought(till, plan), at()
    answer = client.post(REDEEM, {"code": code(gift).lower().replace("-", " ")})
    assert answer["location"] == "/accounts/signup/?next=%2Fsubscribe%2Fredeem%2F"
    client.force_login(ben(), backend="django.contrib.auth.backends.ModelBackend")
    offered = client.get(REDEEM)
    assert "You are given Quarterly" in text(offered)
    client.post(REDEEM, hidden(offered))
    assert fresh(gift).redeemed_at is not None


def test_case_46_a_paying_reader_is_told_before_that_the_renewal_stops(till, plan):
    reader = ben()
    buy(till, reader, plan)
    gift, client = bought(till, plan), at(reader)
    offered = client.post(REDEEM, {"code": code(gift)})
    assert "Begins30 June 2026" in text(offered)
    assert "it is not charged again on 30 June 2026" in text(offered)
    assert "Stop the renewal and redeem" in text(offered)
    assert Subscription.objects.get().renews
    client.post(REDEEM, hidden(offered))
    assert not Subscription.objects.get().renews
    assert fresh(gift).redeemed_at is not None


def test_an_overdue_reader_is_told_that_the_own_subscription_ends(till, plan, then):
    reader = ben()
    gift = bought(till, plan)
    buy(till, reader, plan, ONCE)
    then.move_to(datetime(2026, 6, 30, 12, tzinfo=UTC))
    till.gateway.run_due()
    actions.ask_again()
    page = text(at(reader).post(REDEEM, {"code": code(gift)}, follow=True))
    assert "whose last charge failed, ends with it: nothing more is charged for it." in page
    assert "it is not charged again on" not in page


def test_who_has_all_of_it_for_nothing_is_told_to_keep_the_code(till, plan):
    reader = ben()
    gift = bought(till, plan)

    def shown():
        return text(at(reader).post(REDEEM, {"code": code(gift)}, follow=True))

    assert "open to you already" not in shown()
    rights = ("unlimited", "premium", "ad_free")
    actions.give_access(reader, rights, clock.now(), None, by=ada(), reason="A guest")
    assert "open to you already" in shown()


def test_terms_that_changed_meanwhile_are_shown_again(till, plan):
    reader = ben()
    gift, client = bought(till, plan), at(reader)
    offered = client.post(REDEEM, {"code": code(gift)})
    buy(till, reader, plan)
    again = client.post(REDEEM, hidden(offered))
    assert again.status_code == 409
    assert "dates have changed" in text(again)
    assert "Begins30 June 2026" in text(again)
    assert fresh(gift).redeemed_at is None


def test_wrong_codes_say_the_same_and_end_soon(till, plan):
    gift, client = bought(till, plan), at(ben())
    said = {text(client.post(REDEEM, {"code": f"ABCD-EFGH-JKLM-NP{n:02}"})) for n in range(22, 42)}
    assert len({line.replace("NP", "")[:0] for line in said}) == 1
    assert all("This code is not valid." in line for line in said)
    stopped = client.post(REDEEM, {"code": code(gift)})
    assert stopped.status_code == 429
    assert "Too many codes were wrong" in text(stopped)
    assert not Grant.objects.filter(source="gift").exists()
    assert client.post(REDEEM, {"code": ""}).status_code == 422


def test_forms_ask_for_their_token(till, plan):
    gift, strict = bought(till, plan), Client(enforce_csrf_checks=True)
    for address in (FORM, REDEEM, f"/subscribe/gift/of/{gift.key}/"):
        assert strict.post(address, {"code": code(gift), "wish": "show"}).status_code == 403


def test_where_the_tax_goes_by_the_buyer_that_is_asked_first(till, plan):
    Seller.objects.update_or_create(pk=1, defaults={"country": "DE", "oss": True})
    answer = at().get(FORM)
    assert answer["location"].startswith("/accounts/signup/?next=")
    assert at(ben()).get(FORM)["location"].startswith("/account/billing/?next=")


def test_left_without_paying_the_offer_stands(till, plan):
    filled(at())
    gift = GiftSubscription.objects.get()
    till.gateway.cancel(gift.ref)
    answer = at().get(f"/subscribe/gift/of/{gift.key}/left/", follow=True)
    assert answer.redirect_chain[-1][0] == FORM
    assert "Nothing was charged" in text(answer)


def test_many_gifts_need_no_more_queries(till, plan):
    reader, client = ben(), None
    counts = []
    for number in (1, 4):
        for _ in range(number):
            redeemed(bought(till, plan, buyer=reader), reader)
        client = at(reader)
        client.get("/account/gift-subscriptions/")
        with CaptureQueriesContext(connection) as met:
            assert client.get("/account/gift-subscriptions/").status_code == 200
        counts.append(len(met))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("slug", ["gift", "redeem"])
def test_no_plan_takes_an_address_of_gifts(paper, slug):
    from broadsheet.subscriptions.forms.plans import OUR_ADDRESSES

    assert slug in OUR_ADDRESSES
    assert not Plan.objects.filter(slug=slug).exists()
