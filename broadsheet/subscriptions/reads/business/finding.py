"""Readers found by address or name, with a subscription or without one."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from broadsheet.accounts.models import User
from broadsheet.kit import clock
from broadsheet.subscriptions.models import Grant, Subscription
from broadsheet.subscriptions.reads.business.subscribers import state_text

MOST_WORDS = 5


@dataclass(frozen=True, slots=True)
class ReaderRow:
    """A line: the plan that lives, "" without one; `reads` says whether any right is in force."""

    pk: int
    email: str
    name: str
    joined: datetime
    plan: str
    state: str
    tone: str
    reads: bool


def readers(query: str = "") -> QuerySet[User]:
    """The newest accounts first; each word typed must be in the address or the name."""
    living = Subscription.objects.live().select_related("version__plan")
    rights = Grant.objects.in_force(clock.now()).filter(reader=OuterRef("pk"))
    found = User.objects.annotate(reads=Exists(rights)).order_by("-date_joined", "-pk")
    for word in query.split()[:MOST_WORDS]:
        in_name = Q(first_name__icontains=word) | Q(last_name__icontains=word)
        found = found.filter(in_name | Q(email__icontains=word))
    return found.prefetch_related(Prefetch("subscriptions", living, to_attr="living"))


def reader_row(reader: User) -> ReaderRow:
    """A line for an account of `readers()`."""
    living: list[Subscription] = reader.living  # type: ignore[attr-defined]
    state, tone = state_text(living[0]) if living else ("", "quiet")
    if not reader.is_active:
        state, tone = _("account closed"), "bad"
    return ReaderRow(
        pk=reader.pk,
        email=reader.email,
        name=reader.get_full_name(),
        joined=reader.date_joined,
        plan=living[0].version.plan.name if living else "",
        state=state,
        tone=tone,
        reads=reader.reads,  # type: ignore[attr-defined]
    )
