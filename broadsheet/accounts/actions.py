"""Accounts made by a command, devices signed out, reports saved."""

import time

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.backends.base import SessionBase
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import QuerySet

from broadsheet.accounts.models import Mail, SavedArticle, User
from broadsheet.accounts.reads import addresses
from broadsheet.kit.say import Refusal
from broadsheet.press_log.models import Subject, announce

EDITORS = "Editors"
LONGEST_NAME = 40
"""Characters of what a reader calls a device."""
MARKED = "to_save"
"""In the session: reports that are saved once the reader has signed in, and when each was marked
(seconds of Unix)."""
MOST_MARKED, MARKED_FOR = 50, 24 * 3600
"""How many, and for how many seconds."""


def make_staff(email: str, password: str, *, publisher: bool, name: str = "") -> User:
    """Give an address access to the desk; an existing reader keeps the account.

    Raises Refusal for a malformed address or a weak password.
    """
    try:
        validate_email(email)
        validate_password(password)
    except ValidationError as error:
        raise Refusal(" ".join(error.messages), "No account was made or changed.") from None
    with transaction.atomic():
        user = make_reader(email, password, name=name)
        user.is_staff = True
        user.is_superuser = user.is_superuser or publisher
        user.save()
        user.groups.add(Group.objects.get(name=EDITORS))
    return user


def make_reader(email: str, password: str, *, name: str = "") -> User:
    """An account whose address counts as confirmed."""
    email = email.lower()
    user = User.objects.filter(email=email).first() or User(email=email)
    user.first_name, _, user.last_name = name.partition(" ") if name else (user.first_name, "", "")
    user.set_password(password)
    user.save()
    EmailAddress.objects.update_or_create(
        user=user, email=email, defaults={"verified": True, "primary": True}
    )
    return user


def end_device(reader: User, number: int) -> bool:
    """Sign the reader out on one device; False when it is not (or no longer) one of theirs.

    The pass in that browser would open articles until it is stale, so all of the reader's passes
    are void from this moment; the devices that stay signed in are given new ones.
    """
    return bool(_end(reader, UserSession.objects.filter(user=reader, pk=number)))


def name_device(reader: User, number: int, name: str) -> bool:
    """Call a device as its reader does; "" takes the name away. False when it is none of theirs."""
    words = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    found = UserSession.objects.filter(user=reader, pk=number)
    return bool(found.update(data={"name": words[:LONGEST_NAME]} if words else {}))


def end_other_devices(reader: User, session_key: str) -> int:
    """Sign the reader out everywhere but in this session; returns on how many devices."""
    others = UserSession.objects.filter(user=reader).exclude(session_key=session_key)
    return _end(reader, others)


def _end(reader: User, sessions: QuerySet[UserSession]) -> int:
    with transaction.atomic():
        ended = list(sessions.select_for_update())
        for session in ended:
            session.end()
        if ended:
            void_passes(reader)
    return len(ended)


def close_account(reader: User) -> None:
    """Nobody signs in to it any more: signed out everywhere, no password, no pass that counts.

    To be called in a transaction.
    """
    reader.is_active = False
    reader.set_unusable_password()
    reader.save()
    _end(reader, UserSession.objects.filter(user=reader))
    void_passes(reader)


def forget_mails(reader: User) -> None:
    """Delete what was sent to the reader; what still waits leaves, and goes in its time."""
    sent = Mail.objects.filter(to__in=[reader.email, *addresses(reader)])
    sent.exclude(sent_at=None).delete()


def void_passes(reader: User) -> None:
    """Announce, in the present transaction, that no pass signed before counts any more."""
    announce(Subject.READER, reader.pk)


def save_article(reader: User, number: int) -> SavedArticle:
    """Keep a report for later; saving it again changes nothing."""
    return SavedArticle.objects.get_or_create(reader=reader, article=number)[0]


def mark_article(session: SessionBase, number: int) -> None:
    """Remember what a reader without an account wants to keep, the last so many of it."""
    marked = [known for known in session.get(MARKED, []) if known[0] != number]
    session[MARKED] = [*marked, [number, time.time()]][-MOST_MARKED:]


def save_marked(reader: User, session: SessionBase) -> int:
    """Save what was marked before the sign-in, in that order; how many it was. What is older than a
    day may be of somebody else at the same machine."""
    fresh = [n for n, at in session.pop(MARKED, []) if at > time.time() - MARKED_FOR]
    for number in fresh:
        save_article(reader, number)
    return len(fresh)


def unsave_article(reader: User, number: int) -> None:
    """Forget a saved report."""
    SavedArticle.objects.filter(reader=reader, article=number).delete()
