"""Which mail of ours stands for which of allauth's."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

from allauth.account.utils import get_next_redirect_url
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from broadsheet.accounts.reads import device_name
from broadsheet.look.parts import PaperView

Names = dict[str, Any]

CHANGES = {
    "account/email/password_changed": gettext_noop("Your password has been changed."),
    "account/email/password_set": gettext_noop("A password has been set for your account."),
    "account/email/password_reset": gettext_noop("Your password has been set anew."),
    "account/email/email_changed": gettext_noop("The e-mail address of your account has changed."),
    "account/email/email_deleted": gettext_noop(
        "An e-mail address has been removed from your account."
    ),
    "account/email/email_confirm": gettext_noop("An e-mail address has been confirmed."),
    "socialaccount/email/account_connected": gettext_noop(
        "An account elsewhere has been connected: it can sign in to yours."
    ),
    "socialaccount/email/account_disconnected": gettext_noop(
        "An account elsewhere has been disconnected: it can no longer sign in to yours."
    ),
    "mfa/email/totp_activated": gettext_noop("An authenticator app has been set up."),
    "mfa/email/totp_deactivated": gettext_noop("The authenticator app has been removed."),
    "mfa/email/webauthn_added": gettext_noop("A passkey or security key has been added."),
    "mfa/email/webauthn_removed": gettext_noop("A passkey or security key has been removed."),
    "mfa/email/recovery_codes_generated": gettext_noop("New recovery codes have been made."),
}
"""What happened to an account, told to its owner; translated where it is shown."""


def worded(prefix: str, given: Names, paper: PaperView) -> tuple[str, Names]:
    """The name of our mail and the names its templates ask for, in the language in force.

    Raises KeyError for a mail of allauth's that we have no words for.
    """
    if prefix in CHANGES:
        return "accounts/mail/change", _change(CHANGES[prefix], given, paper)
    name, names = MAILS[prefix]
    return f"accounts/mail/{name}", names(given, paper)


def _change(what: str, given: Names, paper: PaperView) -> Names:
    at = timezone.localtime(given["timestamp"])
    return {
        "what": what,
        "facts": (
            (_("When"), f"{formats.date_format(at, 'DATETIME_FORMAT')} {at.tzname()}"),
            (_("Device"), device_name(given["user_agent"])),
            (_("IP address"), given["ip"]),
        ),
        "url": paper.origin + reverse("devices"),
    }


def _code(given: Names, paper: PaperView) -> Names:
    return {"code": given["code"]}


def _sign_in(given: Names, paper: PaperView) -> Names:
    return {"url": _door(paper, "account_request_login_code", given)}


def _sign_up(given: Names, paper: PaperView) -> Names:
    return {"url": _door(paper, "account_signup", given)}


def _reset(given: Names, paper: PaperView) -> Names:
    return {"url": paper.origin + urlsplit(given["password_reset_url"]).path}


def _door(paper: PaperView, name: str, given: Names) -> str:
    """An entrance that knows the address, and the page that was wanted."""
    asked = {"email": given["email"], "next": get_next_redirect_url(given["request"]) or ""}
    query = urlencode({key: value for key, value in asked.items() if value})
    return f"{paper.origin}{reverse(name)}?{query}"


MAILS: dict[str, tuple[str, Callable[[Names, PaperView], Names]]] = {
    "account/email/login_code": ("login_code", _code),
    "account/email/email_confirmation": ("confirm_address", _code),
    "account/email/email_confirmation_signup": ("confirm_address", _code),
    "account/email/account_already_exists": ("address_taken", _sign_in),
    "account/email/unknown_account": ("no_account", _sign_up),
    "account/email/password_reset_key": ("password_reset", _reset),
}
"""allauth's template prefixes (allauth.account.adapter, 65.21) and ours."""
