from dataclasses import replace

import pytest

from broadsheet.look.strict import render
from broadsheet.look.tests import cast
from broadsheet.subscriptions.reads.offers import BenefitView, OfferView, renewing

YEARLY = OfferView(
    slug="yearly", name="Yearly", note="Most chosen", description="", price="₹2,700",
    period="1 year", every="every year", per_month="₹225/Month", tax="18% GST included",
    benefits=(BenefitView("Unlimited reading", "Every report."),), today="₹2,700", terms="",
)  # fmt: skip


def wall(
    reason: str, *, can_register: bool = True, offers=(YEARLY,), signed_in: bool = False
) -> str:
    names = {
        "paper": cast.PAPER,
        "reason": reason,
        "sentence": "You've reached your limit of 3 free articles this month.",
        "invitation": "Thank you for reading.",
        "registering": reason == "register",
        "signed_in": signed_in or reason == "limit_registered",
        "limited": reason.startswith("limit_"),
        "own_right": reason == "smart_investor",
        "account": "A free account gives you 5 articles every month." if can_register else "",
        "restart": "The count starts again on the first of the month.",
        "can_register": can_register and reason == "limit_anonymous",
        "offers": list(offers),
        "benefits": list(offers[0].benefits) if offers else [],
        "renewing": renewing(list(offers)),
        "promise": "",
        "path": "@path@",
    }
    return render("press/wall.html", names)


@pytest.mark.parametrize("reason", ["limit_anonymous", "limit_registered", "register", "premium",
                                    "smart_investor"])  # fmt: skip
@pytest.mark.parametrize("can_register", [True, False])
@pytest.mark.parametrize("offers", [(), (YEARLY,)])
def test_it_says_why_and_opens_a_door(
    reason: str, can_register: bool, offers, asked_in_vain: list[str]
) -> None:
    fragment = wall(reason, can_register=can_register, offers=offers)
    assert fragment.startswith('<section class="paywall wall')
    assert "You've reached your limit of 3 free articles this month." in fragment
    assert "Thank you for reading." in fragment
    assert "<a " in fragment


def test_it_sells_with_the_whole_price() -> None:
    fragment = wall("limit_anonymous")
    for words in (
        "₹2,700",
        "for 1 year",
        "₹225/Month",
        "18% GST included",
        "Unlimited reading",
        "Renews automatically, cancel anytime.",
        "Already subscribed?",
        "Log in",
    ):
        assert words in fragment
    assert fragment.index("₹2,700") < fragment.index("₹225/Month"), "what is charged comes first"


def test_every_door_leads_back_to_the_report() -> None:
    fragment = wall("limit_anonymous")
    for door in ("/subscribe/yearly/", "/accounts/login/", "/accounts/signup/"):
        assert f'href="{door}?next=@path@"' in fragment


def test_who_is_signed_in_is_sent_to_the_account_and_not_round_in_a_circle() -> None:
    for reason in ("premium", "smart_investor"):
        known = wall(reason, signed_in=True)
        assert 'href="/account/"' in known and "/accounts/login/" not in known
        assert 'href="/account/"' not in wall(reason)


def test_without_plans_nothing_is_sold() -> None:
    assert "/subscribe/" not in wall("limit_anonymous", offers=())


def test_it_offers_no_account_where_an_account_would_not_help() -> None:
    assert "/accounts/signup/" not in wall("premium")
    assert "/accounts/signup/" not in wall("limit_registered")
    assert "/accounts/signup/" not in wall("limit_anonymous", can_register=False)


def test_what_is_paid_once_never_renews_on_the_wall():
    once = replace(YEARLY, renews=False)
    text = wall("premium", offers=(once,))
    assert "Paid once, does not renew." in text
    assert "enews automatically" not in text
    both = wall("premium", offers=(YEARLY, once))
    assert both.count("Paid once, does not renew.") == 1
    assert "What is not paid once renews automatically, cancel anytime." in both


def test_the_first_price_and_the_one_that_follows_stand_alike():
    text = wall("premium", offers=(replace(YEARLY, first="₹99", first_for="for the first year"),))
    prices = [part.partition("</p>")[0] for part in text.split('<p class="offer-price">')[1:]]
    assert prices == [
        "<strong>₹99</strong> for the first year", "then <strong>₹2,700</strong> every year",
    ]  # fmt: skip
    assert "The first price is for new subscribers." in text
