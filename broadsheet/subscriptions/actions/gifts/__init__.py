"""Gift subscriptions: bought, paid, sent, redeemed, given back."""

from broadsheet.subscriptions.actions.gifts.buying import GiftWish, open_gift
from broadsheet.subscriptions.actions.gifts.forgetting import forget_gifts, forget_gifts_of
from broadsheet.subscriptions.actions.gifts.redeeming import redeem_gift
from broadsheet.subscriptions.actions.gifts.sending import (
    change_recipient,
    send_gift_again,
    send_gifts,
    show_code,
)
from broadsheet.subscriptions.actions.gifts.settling import ask_about_gift, settle_gift

__all__ = [
    "GiftWish",
    "ask_about_gift",
    "change_recipient",
    "forget_gifts",
    "forget_gifts_of",
    "open_gift",
    "redeem_gift",
    "send_gift_again",
    "send_gifts",
    "settle_gift",
    "show_code",
]
