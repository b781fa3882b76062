"""The account itself: addresses, devices, second factors, saved articles, mail."""

import re
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.models import ModelLogEntry
from wagtail.users.models import UserProfile

from broadsheet.accounts.models import Consent, Mail, SavedArticle, User
from broadsheet.accounts.reads import addresses, device_name
from broadsheet.subscriptions.reads.export.kind import Kind, Row
from broadsheet.subscriptions.reads.export.reports import name_reports

OPENS = re.compile(
    r"\b[A-Z]{4}-[A-Z]{4}\b|(?<=/password/reset/key/)\S+|(?<=/account/invitation/)\S+"
)
"""In a mail: the code of a sign-in (`allauth.account.adapter`), the end of a reset link
and of an invitation's."""

KEY_TO_IT = "Whoever knows it could sign in as the reader."


def _name_devices(rows: list[Row]) -> None:
    for row in rows:
        row["device"] = device_name(row["user_agent"])


def _hide_codes(rows: list[Row]) -> None:
    for row in rows:
        row |= {part: OPENS.sub("[…]", row[part]) for part in ("subject", "text")}


def _mails(reader: User) -> QuerySet[Any]:
    """What went to addresses that the reader has confirmed, and not before there was the account:
    somebody else may have had the address."""
    ours = Mail.objects.filter(to__in=addresses(reader), queued_at__gte=reader.date_joined)
    return ours.order_by("queued_at")


PERSON = (
    Kind(
        "account", _("Your account"), User, lambda reader: User.objects.filter(pk=reader.pk),
        (
            "email", "first_name", "last_name", "date_joined", "last_login", "is_active",
            "is_staff", "is_superuser", "keeps_history",
        ),
        {
            "password": KEY_TO_IT,
            "groups": "Rights at the desk, which the publisher gives and takes.",
            "user_permissions": "Rights at the desk, which the publisher gives and takes.",
        },
    ),
    Kind(
        "addresses", _("E-mail addresses"), EmailAddress,
        lambda reader: EmailAddress.objects.filter(user=reader),
        ("email", "verified", "primary"), {"user": "The reader."},
    ),
    Kind(
        "devices", _("Devices where you are signed in"), UserSession,
        lambda reader: UserSession.objects.filter(user=reader).order_by("created_at"),
        ("user_agent", "data__name", "ip", "created_at", "last_seen_at"),
        {"user": "The reader.", "session_key": KEY_TO_IT},
        amend=_name_devices,
    ),
    Kind(
        "connections", _("Accounts elsewhere that sign you in"), SocialAccount,
        lambda reader: SocialAccount.objects.filter(user=reader).order_by("pk"),
        ("provider", "extra_data__email", "extra_data__sub", "date_joined", "last_login"),
        {"user": "The reader.", "uid": "A digest of the issuer and the subject, which are told."},
    ),
    Kind(
        "consents", _("What you allowed and refused"), Consent,
        lambda reader: Consent.objects.filter(reader=reader).order_by("at", "pk"),
        ("purpose", "given", "at", "text"), {"reader": "The reader."},
    ),
    Kind(
        "second-factors", _("Second factors of signing in"), Authenticator,
        lambda reader: Authenticator.objects.filter(user=reader).order_by("pk"),
        ("type", "created_at", "last_used_at"), {"user": "The reader.", "data": KEY_TO_IT},
    ),
    Kind(
        "saved-articles", _("Saved articles"), SavedArticle,
        lambda reader: SavedArticle.objects.filter(reader=reader).order_by("-saved_at"),
        ("article", "saved_at"), {"reader": "The reader."}, amend=name_reports,
    ),
    Kind(
        "mails", _("Mails we sent you"), Mail, _mails,
        ("to", "sender", "subject", "text", "queued_at", "sent_at"),
        {
            "html": "The text once more, with the paper's look.",
            "claimed_at": "How sending goes on.", "tries": "How sending goes on.",
            "problem": "What the mail server said to us.",
        },
        amend=_hide_codes,
    ),
    Kind(
        "desk-profile", _("Your settings at the desk"), UserProfile,
        lambda reader: UserProfile.objects.filter(user=reader),
        (
            "submitted_notifications", "approved_notifications", "rejected_notifications",
            "updated_comments_notifications", "preferred_language", "current_time_zone", "avatar",
            "theme", "contrast", "density", "dismissibles", "keyboard_shortcuts",
        ),
        {"user": "The reader."},
    ),
    Kind(
        "looked-at", _("When the newsroom looked at your account"), ModelLogEntry,
        lambda reader: ModelLogEntry.objects.for_instance(reader).order_by("timestamp"),
        ("timestamp", "action"),
        {
            "content_type": "The reader's account.", "object_id": "The reader's account.",
            "label": "The reader's name.", "deleted": "Of no account that is there.",
            "content_changed": "Technical.", "revision": "Accounts have none.",
            "data": "What staff searched for may be about others.", "uuid": "Technical.",
            "user": "Who looked is a third person (CJEU C-579/21, Pankki S).",
        },
    ),
)  # fmt: skip
