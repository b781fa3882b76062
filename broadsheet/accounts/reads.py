"""A reader's devices and saved reports; staff and their second factor."""

from dataclasses import dataclass
from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from broadsheet.accounts.models import SavedArticle, StaffPolicy, User
from broadsheet.accounts.rules import browser
from broadsheet.kit import clock
from broadsheet.look.strict import View

SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
"""Recovery codes alone are none: they only stand in for one of these."""


@dataclass(frozen=True, slots=True)
class Device(View):
    """A browser that is signed in. `number` names its session; `given` is what the reader calls it,
    "" when nothing; times are aware."""

    number: int
    name: str
    given: str
    address: str
    active: datetime
    since: datetime
    current: bool


def devices(reader: User, session_key: str) -> list[Device]:
    """Where the reader is signed in, this device first, then the last active.

    Sessions that have expired, or that a new password has ended, are struck off on the way.
    """
    sessions = UserSession.objects.purge_and_list(reader)
    found = [_device(session, session_key) for session in sessions]
    return sorted(found, key=lambda d: (d.current, d.active), reverse=True)


def _device(session: UserSession, session_key: str) -> Device:
    return Device(
        number=session.pk,
        name=str(session.data.get("name", "")) or device_name(session.user_agent),
        given=str(session.data.get("name", "")),
        address=session.ip,
        active=session.last_seen_at,
        since=session.created_at,
        current=session.session_key == session_key,
    )


def device_count(reader: User) -> int:
    """On how many devices the reader is signed in now; reads only, two tables in one query."""
    keys = UserSession.objects.filter(user=reader).values("session_key")
    return Session.objects.filter(session_key__in=keys, expire_date__gt=clock.now()).count()


def device_name(user_agent: str) -> str:
    """Such as "Chrome on Android", in the language in force."""
    said = browser(user_agent)
    if said.name and said.system:
        return _("%(browser)s on %(system)s") % {"browser": said.name, "system": said.system}
    return said.name or said.system or _("Unknown browser")


def addresses(reader: User) -> list[str]:
    """The addresses that the reader has confirmed; of others nobody knows whose they are."""
    confirmed = EmailAddress.objects.filter(user=reader, verified=True)
    return list(confirmed.values_list("email", flat=True))


def saved_articles(reader: User) -> list[SavedArticle]:
    """What the reader saved, the last one first."""
    return list(SavedArticle.objects.filter(reader=reader))


def has_second_factor(user: User) -> bool:
    """Whether the user has set up an authenticator app or a passkey."""
    return bool(Authenticator.objects.filter(user=user, type__in=SECOND_FACTORS).exists())


def staff() -> QuerySet[User]:
    """Everyone whom the desk lets in."""
    right = {"codename": "access_admin", "content_type__app_label": "wagtailadmin"}
    by_group = Q(**{f"groups__permissions__{name}": value for name, value in right.items()})
    in_person = Q(**{f"user_permissions__{name}": value for name, value in right.items()})
    allowed = Q(is_superuser=True) | by_group | in_person
    return User.objects.filter(allowed, is_active=True).distinct()


def is_staff(user: User) -> bool:
    """Whether the user works at the desk, or is meant to."""
    return bool(user.is_staff or staff().filter(pk=user.pk).exists())


def staff_without_second_factor() -> QuerySet[User]:
    """Those of them who have set up none."""
    with_one = Authenticator.objects.filter(type__in=SECOND_FACTORS).values("user")
    return staff().exclude(pk__in=with_one)


def staff_policy() -> StaffPolicy:
    """What is asked of staff."""
    return StaffPolicy.current()
