"""The publisher's limit on the devices of one reader: who goes, and being told why."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import ngettext

from broadsheet.accounts.actions import void_passes
from broadsheet.accounts.models import ReaderPolicy, SignedOut, User
from broadsheet.accounts.reads import is_staff
from broadsheet.accounts.sessions import READING
from broadsheet.kit import clock

KEEP = READING
"""Whoever comes back later than this would have had to sign in anyway."""


@contextmanager
def turn(reader: User) -> Iterator[int | None]:
    """How many devices the reader may have, None for any number. With a limit, sign-ins of one
    reader take turns, under the lock on the reader's row: each sees all that came before it."""
    most = ReaderPolicy.current().most_devices
    if not most or is_staff(reader):
        yield None
        return
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=reader.pk)
        yield most


def keep_to(most: int, reader: User, here: SessionBase) -> None:
    """Within the turn of a sign-in: sign out the devices that signed in first, until the limit
    holds. This one stays, and nobody ends it before it has had its turn."""
    # allauth strikes off whatever the database does not yet know to be signed in.
    here.save()
    found = sorted(UserSession.objects.purge_and_list(reader), key=_signed_in)
    others = [session for session in found if session.session_key != here.session_key]
    for session in others[: max(0, len(found) - most)]:
        _end(session, most)
    if len(found) > most:
        void_passes(reader)


def _end(session: UserSession, most: int) -> None:
    """Gone with its session; why is kept until the browser asks again."""
    SignedOut.objects.update_or_create(digest=_digest(session.session_key), defaults={"most": most})
    session.end()


def _signed_in(session: UserSession) -> tuple[float, int]:
    return session.created_at.timestamp(), session.pk


def _digest(session_key: str) -> str:
    return hashlib.sha256(session_key.encode()).hexdigest()


def is_untold(request: HttpRequest) -> bool:
    """Whether this browser was signed out for another one, and has not been told."""
    return _word(request) is not None


def told_once(request: HttpRequest) -> str:
    """Why this browser was signed out, "" when it was not or has been told; it counts as told."""
    word = _word(request)
    if word is None:
        return ""
    word.delete()
    return ngettext(
        "Your account was signed in on another device. %(most)s device at a time may read with"
        " it, so this one was signed out. If it was not you, sign in and change your password.",
        "Your account was signed in on another device. %(most)s devices at a time may read with"
        " it, so this one, which had signed in first, was signed out. If it was not you, sign in"
        " and change your password.",
        word.most,
    ) % {"most": word.most}


def _word(request: HttpRequest) -> SignedOut | None:
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    if not key or request.user.is_authenticated:
        return None
    return SignedOut.objects.filter(digest=_digest(key)).first()


def forget_signed_out() -> int:
    """Delete what can be told to nobody any more; returns how many."""
    return SignedOut.objects.filter(at__lt=clock.now() - KEEP).delete()[0]
