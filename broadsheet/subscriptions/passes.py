"""Django signs grants into a pass; the gate verifies it without the database."""

from django.conf import settings
from django.http import HttpResponse

from broadsheet.accounts.models import User
from broadsheet.gate import passes
from broadsheet.kit import clock
from broadsheet.subscriptions import reads


def pass_name() -> str:
    """The cookie's name on this origin."""
    return passes.cookie_name("pass", settings.ORIGIN)


def key() -> bytes:
    """What passes are signed with."""
    return passes.pass_key(settings.SECRET_KEY.encode())


def set_pass(response: HttpResponse, reader: User) -> None:
    """Give the reader's browser a pass with the entitlements of this moment."""
    now = clock.now()
    entitlements, until = reads.rights(reader, now)
    pass_ = passes.Pass(reader.pk, entitlements, now.timestamp(), until)
    response.set_cookie(
        pass_name(),
        passes.sign_pass(pass_, key()),
        # As long as the session: the gate renews a stale pass, and opens nothing with an old one.
        max_age=settings.SESSION_COOKIE_AGE,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )
