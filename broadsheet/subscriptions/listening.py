"""What happens when an account is deleted.

One that a gateway still charges stays: nobody could stop the charges. Of any other one it is
forgotten what it read.
"""

from typing import Any

from django.db.models import ProtectedError
from django.db.models.signals import pre_delete

from broadsheet.accounts.models import User
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import Checkout


def connect() -> None:
    """Called once when a process with Django starts."""
    pre_delete.connect(refuse_charged, sender=User, dispatch_uid="subscriptions.refuse_charged")
    pre_delete.connect(forget_read, sender=User, dispatch_uid="subscriptions.forget_read")


def refuse_charged(sender: type, instance: User, **_: Any) -> None:
    """Raise ProtectedError while a subscription lives, a payment is open or the gateway untold."""
    if is_charged(instance):
        words = "End the subscription first: cancel or refund it, and let the gateway hear of it."
        raise ProtectedError(words, set(instance.subscriptions.all()))


def forget_read(sender: type, instance: User, **_: Any) -> None:
    """Delete what the gate decided about the reader, in the transaction that erases the account."""
    actions.forget_reader(instance)


def is_charged(reader: User) -> bool:
    """Whether money may still be taken from this reader."""
    told = all(s.renews == s.renews_told and not s.is_live for s in reader.subscriptions.all())
    return not told or reader.checkouts.filter(state=Checkout.OPEN, ref__isnull=False).exists()
