"""The buyer withdraws from a gift while somebody redeems it: one of them is first, never both."""

import pytest

from broadsheet.kit.say import Refusal
from broadsheet.ledger.models import Refund, RefundOrder, Seller
from broadsheet.subscriptions import actions, checks
from broadsheet.subscriptions.models import Grant
from broadsheet.subscriptions.reads.gifts.redeeming import gift_of_code, gift_terms
from broadsheet.subscriptions.tests.gift_cast import bought, code, fresh
from tests.at_once import at_once
from tests.cast import ben

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def gift(paper, till, plan):
    Seller.objects.create(country="DE", tax_number="DE136695976")
    return bought(till, plan)


def tried(act, *facts):
    try:
        return act(*facts)
    except Refusal:
        return None


def test_redeemed_and_withdrawn_from_at_once_it_is_one_of_both(gift):
    reader, words = ben(), code(gift)
    seal = gift_terms(reader, gift_of_code(words)).seal
    opened, back = at_once(
        lambda: tried(actions.redeem_gift, reader, words, seal),
        lambda: tried(actions.withdraw_gift, gift, "Gina"),
    )
    actions.ask_again()
    assert (opened is None) != (back is None)
    assert (fresh(gift).redeemed_by == reader) is (opened is not None)
    assert Grant.objects.filter(revoked_at=None).exists() is (opened is not None)
    assert Refund.objects.exists() is (back is not None)
    assert [*checks.everything()] == []


def test_withdrawn_from_in_several_windows_the_money_goes_back_once(gift):
    orders = at_once(*[lambda: actions.withdraw_gift(gift, "Gina")] * 4)
    actions.ask_again()
    assert len({order.pk for order in orders}) == RefundOrder.objects.count() == 1
    assert Refund.objects.get().amount == 90000
    assert [*checks.everything()] == []
