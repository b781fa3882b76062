"""Django signs grants into a pass; the gate verifies it without the database."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

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


def reader_id_of(request: HttpRequest) -> str:
    """The reader id as the gate would take it: forged or doubled, it is none."""
    name = passes.cookie_name("reader", settings.ORIGIN)
    values = passes.cookie_values(request.headers.get("cookie", ""), name)
    if len(values) != 1:
        return ""
    return passes.verify_reader_id(values[0], passes.reader_key(settings.SECRET_KEY.encode())) or ""


def place_name() -> str:
    """The name of the cookie that tells the script of a report to note the place."""
    return passes.cookie_name("place", settings.ORIGIN)


def set_place(response: HttpResponse) -> None:
    """Let the script note where this reader is. It says nothing of who that is."""
    response.set_cookie(
        place_name(),
        "1",
        max_age=settings.SESSION_COOKIE_AGE,
        secure=settings.HTTPS,
        samesite="Lax",
    )
