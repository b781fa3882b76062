"""What accounts hear of allauth."""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.signals import password_changed, password_reset, password_set
from allauth.mfa.signals import authenticator_added
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import pre_delete
from django.http import HttpRequest
from django.utils.translation import gettext as _

from broadsheet.accounts import actions, consents
from broadsheet.accounts.actions import forget_mails, void_passes
from broadsheet.accounts.models import User
from broadsheet.accounts.reads import SECOND_FACTORS


def connect() -> None:
    """Called once when a process with Django starts."""
    for signal in (password_changed, password_set, password_reset):
        signal.connect(end_passes, dispatch_uid="accounts.end_passes")
    user_logged_in.connect(merge_choices, dispatch_uid="accounts.merge_choices")
    user_logged_in.connect(save_marked, dispatch_uid="accounts.save_marked")
    pre_delete.connect(forget, sender=User, dispatch_uid="accounts.forget")
    authenticator_added.connect(count_as_used, dispatch_uid="accounts.count_as_used")


def end_passes(sender: type, request: HttpRequest, user: User, **_more: Any) -> None:
    """A new password ends the sessions of other devices; their passes end with them."""
    void_passes(user)


def merge_choices(sender: type, request: HttpRequest, user: User, **_more: Any) -> None:
    """What this browser was told before the sign-in is the reader's answer, where it is newer."""
    answers = consents.read(request.COOKIES.get(consents.choices_name(), ""))
    if answers:
        consents.record(user, answers)


def save_marked(sender: type, request: HttpRequest, user: User, **_more: Any) -> None:
    """What was to be saved before there was an account is saved now, and the reader told."""
    count = actions.save_marked(user, request.session)
    if count:
        words = _("The report is saved.") if count == 1 else _("%(count)s reports are saved.")
        messages.success(request, words % {"count": count}, fail_silently=True)


def forget(sender: type, instance: User, **_more: Any) -> None:
    """An account goes: sessions, passes and the mails that were sent to it go along."""
    void_passes(instance)
    for session in UserSession.objects.filter(user=instance):
        session.end()
    forget_mails(instance)


def count_as_used(
    sender: type, request: HttpRequest, user: User, authenticator: Any, **_more: Any
) -> None:
    """Who has just set up a second factor has shown that it works: this session has used it.

    So the desk opens, and the recovery codes are shown, without asking for it once more.
    """
    if authenticator.type in SECOND_FACTORS:
        kind = str(authenticator.type)
        used = {"id": authenticator.pk, "type": kind, "reauthenticated": True}
        record_authentication(request, user, "mfa", **used)
