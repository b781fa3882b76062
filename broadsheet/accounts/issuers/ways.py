"""The accounts elsewhere that open a reader's account here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from broadsheet.accounts.actions import void_passes
from broadsheet.accounts.models import User
from broadsheet.look.strict import View


@dataclass(frozen=True, slots=True)
class Connection(View):
    """An account elsewhere. `name` is the issuer's as readers know it, `address` what it said the
    person's address was ("" when it said none); times are aware."""

    number: int
    slug: str
    name: str
    address: str
    since: datetime
    used: datetime


def connections(reader: User) -> list[Connection]:
    """The reader's, the first one first; also those of an issuer that is offered no more."""
    names = {issuer.slug: issuer.name for issuer in settings.SIGN_IN_WITH}
    return [
        Connection(
            number=row.pk,
            slug=row.provider,
            name=names.get(row.provider, row.provider),
            address=str(row.extra_data.get("email", "")),
            since=row.date_joined,
            used=row.last_login,
        )
        for row in SocialAccount.objects.filter(user=reader).order_by("pk")
    ]


def is_only_way(reader: User, found: Sequence[Connection]) -> bool:
    """Whether the reader could not come in again without the only one of these. A confirmed address
    opens by a code, a password and a passkey by themselves."""
    if len(found) != 1:
        return False
    confirmed = EmailAddress.objects.filter(user=reader, verified=True).exists()
    passkey = Authenticator.objects.filter(user=reader, type=Authenticator.Type.WEBAUTHN).exists()
    return not (confirmed or passkey)


def disconnect(reader: User, number: int, request: HttpRequest) -> str:
    """Let an account elsewhere open this one no more; returns the issuer's name, "" when there was
    nothing to do or it is the last way in. Told by mail; passes are renewed as after every change
    of how somebody signs in."""
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=reader.pk)
        found = connections(reader)
        chosen = next((one for one in found if one.number == number), None)
        if chosen is None or is_only_way(reader, found):
            return ""
        SocialAccount.objects.filter(pk=chosen.number).delete()
        void_passes(reader)
        get_adapter(request).send_notification_mail(
            "socialaccount/email/account_disconnected", reader, {}
        )
    return chosen.name
