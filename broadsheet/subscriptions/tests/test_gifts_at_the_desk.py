"""Gift subscriptions at the desk, in the export, and when their people are erased."""

import pytest
from django.db import transaction
from django.db.models import ProtectedError
from django.utils import translation

from broadsheet.ledger.models import GiftHold, GiftRelease, Payment, Posting
from broadsheet.ledger.models.books import LastingQuerySet
from broadsheet.subscriptions import actions, checks
from broadsheet.subscriptions.models import GiftSubscription, Grant
from broadsheet.subscriptions.reads.export import KINDS
from broadsheet.subscriptions.tests.conftest import GOOD
from broadsheet.subscriptions.tests.desk_cast import clerk, page, publisher, queries
from broadsheet.subscriptions.tests.gift_cast import bought, code, fresh, ordered, redeemed
from tests.cast import ada, ben

LIST = "/desk/business/gift-subscriptions/"


@pytest.fixture(autouse=True)
def english(travel):
    with translation.override("en"):
        yield


def problems():
    return [str(problem) for problem in checks.everything()]


def refunded(client, payment, amount="900.00"):
    """The form, the second look, and the refund."""
    address = f"/desk/business/payments/{payment.pk}/refund/"
    look = client.post(address, {"amount": amount, "reason": "Asked for it"})
    assert look.status_code == 200
    seal = look.content.decode().split('name="seal" value="')[1].split('"')[0]
    return look.content.decode(), client.post(address, {"seal": seal}, follow=True)


def test_the_list_and_the_story_of_one(till, plan):
    reader = ben()
    gift = bought(till, plan, recipient_email="cleo@lantern.example")
    redeemed(gift, reader)
    ordered(till, plan, buyer_email="hans@lantern.example")
    pia = publisher()
    listed = page(pia, LIST)
    for said in ("gina@lantern.example", "cleo@lantern.example", "ben@lantern.example"):
        assert said in listed
    assert "hans@lantern.example" not in listed
    assert "hans@lantern.example" in page(pia, LIST, state="open")
    assert "No gift fits" in page(pia, LIST, state="refunded")
    assert "No gift fits" in page(pia, LIST, q="nobody")
    assert "ben@" in page(pia, LIST, q="ben@", state="redeemed")
    story = page(pia, f"{LIST}{gift.pk}/")
    for said in ("Paid ₹900", "Sent", "Redeemed", "unlimited", "Refund…"):
        assert said in story, said
    assert code(gift) not in story
    unpaid = GiftSubscription.objects.get(payment=None)
    assert "Nothing until it is redeemed" in page(pia, f"{LIST}{unpaid.pk}/")


def test_empty_it_says_so_and_it_needs_a_right(till, plan):
    assert "Nobody has given a subscription yet" in page(publisher(), LIST)
    assert clerk().get(LIST).status_code in (302, 403)
    seen = clerk_with("subscriptions.view_subscription")
    assert page(seen, LIST)


def clerk_with(right):
    from broadsheet.accounts.models import User

    User.objects.filter(email="carl@lantern.example").delete()
    return clerk(right)


def test_many_gifts_need_no_more_queries(till, plan):
    pia = publisher()
    bought(till, plan)
    few = queries(pia, LIST)
    for _ in range(3):
        bought(till, plan)
    assert queries(pia, LIST) == few


def test_an_unredeemed_gift_is_given_back_by_the_ordinary_screen(till, plan):
    gift = bought(till, plan)
    look, done = refunded(publisher(), Payment.objects.get())
    assert "Nobody has redeemed the gift: its code opens nothing any more." in look
    assert "Gift subscriptions, not redeemed yet" in look
    assert done.redirect_chain[-1][0] == f"{LIST}{gift.pk}/"
    assert fresh(gift).refunded_at is not None
    assert problems() == []


def test_a_redeemed_gift_given_back_ends_its_grants_and_the_second_look_says_so(till, plan):
    gift = bought(till, plan)
    redeemed(gift, ben())
    look, _done = refunded(publisher(), Payment.objects.get())
    assert "the access of its reader ends at once" in look
    assert not Grant.objects.filter(revoked_at=None).exists()
    assert problems() == []


def test_redeemed_between_the_looks_it_is_shown_once_more(till, plan):
    gift, pia = bought(till, plan), publisher()
    address = f"/desk/business/payments/{Payment.objects.get().pk}/refund/"
    look = pia.post(address, {"amount": "900.00", "reason": "Asked for it"}).content.decode()
    seal = look.split('name="seal" value="')[1].split('"')[0]
    redeemed(gift, ben())
    again = pia.post(address, {"seal": seal}).content.decode()
    assert "Something has changed since" in again
    assert fresh(gift).refunded_at is None


def test_payments_disputes_and_books_show_a_gift(till, plan):
    gift, pia = bought(till, plan), publisher()
    assert "Not redeemed yet" not in page(pia, "/desk/business/payments/")
    till.gateway.open_dispute(Payment.objects.get().ref, fee=150)
    actions.ask_about_gift(till, gift)
    assert "Given back." in page(pia, "/desk/business/disputes/")
    assert "Gift subscriptions, not redeemed yet" in page(pia, "/desk/business/books/")
    assert "erased account" not in page(pia, f"{LIST}{gift.pk}/")


def test_an_erased_buyer_leaves_the_gift_and_an_erased_redeemer_the_money(till, plan):
    buyer, reader = ben(), ada()
    gift = bought(till, plan, buyer=buyer)
    buyer.delete()
    assert fresh(gift).email == ""
    redeemed(gift, reader)
    assert Grant.objects.filter(reader=reader).count() == 3
    actions.send_gifts()
    reader.delete()
    mine = fresh(gift)
    assert (mine.redeemed_by, mine.redeemed_at is not None) == (None, True)
    assert not Grant.objects.exists()
    assert problems() == []
    actions.refund(till, Payment.objects.get(), "Asked", None)
    assert fresh(gift).refunded_at is not None
    assert "erased account" in page(publisher(), LIST)
    assert problems() == []


def test_an_open_payment_of_a_gift_keeps_the_account(till, plan):
    reader = ben()
    gift = ordered(till, plan, buyer=reader)
    with pytest.raises(ProtectedError), transaction.atomic():
        reader.delete()
    till.gateway.cancel(gift.ref)
    actions.ask_about_gift(till, gift)
    reader.delete()


def test_the_export_tells_each_what_is_theirs(till, plan):
    buyer, reader = ben(), ada()
    gift = bought(till, plan, buyer=buyer, buyer_name="Ben", message="For you")
    redeemed(gift, reader)
    told = {kind.name: kind for kind in KINDS}
    [gave] = told["gift-subscriptions"].rows(buyer)
    assert (gave["amount"], gave["message"]) == (90000, "For you")
    assert not list(told["gift-subscriptions"].rows(reader))
    [given] = told["gift-subscriptions-redeemed"].rows(reader)
    assert given["buyer_name"] == "Ben"
    assert "ben@" not in str(given)
    assert gift.code_hash not in str(gave) + str(given)


def tampered(rows, **facts):
    super(LastingQuerySet, rows).update(**facts)


def test_the_checks_find_what_somebody_changed(till, plan):
    gift, other = bought(till, plan), bought(till, plan)
    redeemed(gift, ben())
    assert problems() == []
    GiftSubscription.objects.filter(pk=other.pk).update(
        redeemed_at=gift.made_at, starts=gift.made_at
    )
    assert "disagree whether it was redeemed" in " ".join(problems())
    GiftSubscription.objects.filter(pk=other.pk).update(redeemed_at=None)
    Grant.objects.filter(entitlement="premium").update(valid_until=None)
    assert "has another reader, beginning or end than gift" in " ".join(problems())
    Grant.objects.filter(entitlement="premium").update(valid_until=fresh(gift).ends)
    GiftSubscription.objects.filter(pk=gift.pk).update(refunded_at=gift.made_at)
    assert "has no gift behind it" in " ".join(problems())
    GiftSubscription.objects.filter(pk=gift.pk).update(refunded_at=None)
    assert problems() == []
    tampered(GiftRelease.objects.all(), amount=1)
    assert "left the gifts when it was redeemed" in " ".join(problems())
    tampered(GiftRelease.objects.all(), amount=76271)
    posting = Posting.objects.filter(account="gifts").order_by("pk").last()
    tampered(Posting.objects.filter(pk=posting.pk), account="sales")
    assert "Gifts are" in " ".join(problems())
    tampered(Posting.objects.filter(pk=posting.pk), account="gifts")
    assert GiftHold.objects.count() == 2
    assert problems() == []


def test_the_nightly_comparison_finds_a_gift_that_nobody_heard_of(till, plan, travel):
    from datetime import timedelta

    gift = ordered(till, plan)
    till.pay(gift.ref, GOOD)
    GiftSubscription.objects.filter(pk=gift.pk).update(state="left")
    travel.shift(timedelta(hours=20))
    assert actions.compare()
    assert fresh(gift).state == "paid"
    assert problems() == []
