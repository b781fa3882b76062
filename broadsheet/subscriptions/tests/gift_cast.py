"""Gifts on their way: bought, paid, redeemed, without much ado."""

import re

from broadsheet.accounts.models import Mail
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.gift_codes import code_of
from broadsheet.subscriptions.models import GiftSubscription
from broadsheet.subscriptions.models.subscription import new_key
from broadsheet.subscriptions.reads.gifts.redeeming import gift_of_code, gift_terms
from broadsheet.subscriptions.tests.conftest import GOOD

CODE = re.compile(r"\b[2-9A-HJ-NP-Z]{4}(?:-[2-9A-HJ-NP-Z]{4}){3}\b")


def ordered(till, plan, **facts):
    """A gift at the gateway's page, not paid yet."""
    base = {"version": plan.current, "token": new_key()}
    if "buyer" not in facts:
        base["buyer_email"] = "gina@lantern.example"
    return actions.open_gift(till, actions.GiftWish(**base | facts))


def bought(till, plan, **facts):
    """A gift that is paid and settled."""
    gift = ordered(till, plan, **facts)
    till.pay(gift.ref, GOOD)
    return actions.ask_about_gift(till, gift)


def code(gift):
    """The code in force."""
    gift.refresh_from_db()
    return code_of(gift.key, gift.codes)


def redeemed(gift, reader):
    """Redeemed on the terms of now."""
    seal = gift_terms(reader, gift_of_code(code(gift))).seal
    return actions.redeem_gift(reader, code(gift), seal)


def mailed(address):
    """What went to an address: subjects, the oldest first."""
    return list(Mail.objects.filter(to=address).order_by("pk").values_list("subject", flat=True))


def fresh(gift):
    return GiftSubscription.objects.get(pk=gift.pk)
