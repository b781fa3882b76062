"""What accounts hear of allauth."""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.signals import password_changed, password_reset, password_set
from allauth.mfa.signals import authenticator_added
from allauth.usersessions.models import UserSession
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import pre_delete
from django.http import HttpRequest

from broadsheet.accounts import consents
from broadsheet.accounts.actions import forget_mails, void_passes
from broadsheet.accounts.models import User
from broadsheet.accounts.reads import SECOND_FACTORS


def connect() -> None:
    """Called once when a process with Django starts."""
    for signal in (password_changed, password_set, password_reset):
        signal.connect(end_passes, dispatch_uid="accounts.end_passes")
    user_logged_in.connect(merge_choices, dispatch_uid="accounts.merge_choices")
    pre_delete.connect(forget, sender=User, dispatch_uid="accounts.forget")
    authenticator_added.connect(count_as_used, dispatch_uid="accounts.count_as_used")


def end_passes(sender: type, request: HttpRequest, user: User, **_: Any) -> None:
    """A new password ends the sessions of other devices; their passes end with them."""
    void_passes(user)


def merge_choices(sender: type, request: HttpRequest, user: User, **_: Any) -> None:
    """What this browser was told before the sign-in is the reader's answer, where it is newer."""
    answers = consents.read(request.COOKIES.get(consents.choices_name(), ""))
    if answers:
        consents.record(user, answers)


def forget(sender: type, instance: User, **_: Any) -> None:
    """An account goes: sessions, passes and the mails that were sent to it go along."""
    void_passes(instance)
    for session in UserSession.objects.filter(user=instance):
        session.end()
    forget_mails(instance)


def count_as_used(
    sender: type, request: HttpRequest, user: User, authenticator: Any, **_: Any
) -> None:
    """Who has just set up a second factor has shown that it works: this session has used it.

    So the desk opens, and the recovery codes are shown, without asking for it once more.
    """
    if authenticator.type in SECOND_FACTORS:
        kind = str(authenticator.type)
        used = {"id": authenticator.pk, "type": kind, "reauthenticated": True}
        record_authentication(request, user, "mfa", **used)
