"""What a reader of the demo does at one moment, by the same actions as the paper's own pages."""

import re
from dataclasses import dataclass

from broadsheet.accounts.models import Mail, User
from broadsheet.demo.lives import GOOD, Happening
from broadsheet.ledger.models import Payment
from broadsheet.ledger.providers.fakepay.direct import Direct
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.gift_codes import code_of
from broadsheet.subscriptions.models import Plan, PlanVersion
from broadsheet.subscriptions.reads.gifts.redeeming import gift_of_code, gift_terms
from broadsheet.subscriptions.reads.pausing import ends_of

REFUNDED = ("Moved abroad", "Bought by mistake")
REST = 2
"""Months."""
INVITATION = re.compile(r"/account/invitation/([^/\s]+)/")
WISHES = "For long evenings. Happy birthday!"


@dataclass(frozen=True, slots=True)
class Scene:
    """Everybody who takes part."""

    till: Direct
    readers: list[User]
    editor: User


def do(scene: Scene, happening: Happening) -> None:
    """Let it happen now."""
    reader = scene.readers[happening.reader]
    match happening.deed:
        case "subscribe" | "leave":
            _visit_checkout(scene.till, reader, happening)
        case "pay":
            subscription = reader.subscriptions.live().get()
            scene.till.pay(subscription.ref, happening.card)
            actions.settle(scene.till, subscription.ref)
        case "refund":
            payment = Payment.objects.filter(reader=reader).latest("at")
            reason = REFUNDED[happening.reader % len(REFUNDED)]
            actions.refund(scene.till, payment, reason, scene.editor)
        case "cancel" | "resume":
            wish = actions.set_renewal(
                reader.subscriptions.live().get(), renews=happening.deed == "resume"
            )
            actions.tell_gateway(scene.till, wish)
        case "rest":
            subscription = reader.subscriptions.live().get()
            actions.pause(scene.till, subscription, REST, ends_of(subscription, REST))
        case _:
            _do_for_another(scene, reader, happening)


def _do_for_another(scene: Scene, reader: User, happening: Happening) -> None:
    other = scene.readers[happening.other]
    match happening.deed:
        case "invite":
            actions.invite(reader.subscriptions.live().get(), other.email)
        case "join":
            invited = Mail.objects.filter(to=reader.email, text__regex=INVITATION.pattern)
            secret = INVITATION.search(invited.latest("pk").text)
            assert secret is not None
            actions.take_seat(reader, secret[1])
        case "give":
            _give(scene.till, reader, other, happening)
        case "redeem":
            gift = other.gifts_bought.get(recipient_email=reader.email)
            code = code_of(gift.key, gift.codes)
            actions.redeem_gift(reader, code, gift_terms(reader, gift_of_code(code)).seal)


def _visit_checkout(till: Direct, reader: User, happening: Happening) -> None:
    """Who leaves has looked at the page, or typed a card that was declined."""
    checkout = actions.open_checkout(till, reader, _offered(happening), "/")
    leaves = happening.deed == "leave"
    if checkout.ref and not (leaves and happening.card == GOOD):
        till.pay(checkout.ref, happening.card)
        actions.settle(till, checkout.ref)


def _give(till: Direct, buyer: User, friend: User, happening: Happening) -> None:
    wish = actions.GiftWish(
        version=_offered(happening), token=f"{happening.reader}-{happening.other}", buyer=buyer,
        buyer_name=buyer.first_name, recipient_email=friend.email, message=WISHES,
    )  # fmt: skip
    gift = actions.open_gift(till, wish)
    till.pay(str(gift.ref), happening.card)
    actions.ask_about_gift(till, gift)


def _offered(happening: Happening) -> PlanVersion:
    version = Plan.objects.get(slug=happening.plan).current
    if version is None:
        raise ValueError(f"The plan {happening.plan} has no price.")
    return version
