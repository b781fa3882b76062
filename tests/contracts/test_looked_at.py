"""Nobody need remember axe-core: a new page of readers, accounts or money must be in the lists of
`tests/e2e/looked_at.py`, or be excused here with a reason.
"""

import re
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import resolve
from django.views.generic import RedirectView
from wagtail.contrib.settings.registry import registry

from broadsheet.accounts.actions import make_staff
from tests.addresses import Address, every_address
from tests.cast import PASSWORD, ben
from tests.e2e.looked_at import DESK_SCREENS, READERS

OURS = re.compile(
    r"accounts?/|subscribe/|identity/|\.well-known/"
    r"|desk/(business|coupons|entitlements|grants|free_limits|institutions|partner_benefits)/"
)
"""Where readers, accounts and money are."""
STORIES = "needs a step before it, and is looked at there in a story"
POSTED = "only takes a form, and leads on"
FILE = "a file"
MACHINES = "read by machines"
WAGTAILS = "Wagtail's own screen or part of one, as it is for every model"
LEADS_ON = "leads on to another page"
WAGTAILS_PARTS = re.compile(r"/(results|delete|history|history-results|usage)/|free_limits/edit/")

EXCUSED: dict[str, str] = {
    **dict.fromkeys(
        ("end_pause", "resume", "keep_plan", "take_gift_back", "invite_again", "withdraw_invited",
         "remove_member", "claim_benefit", "wish_benefit", "end_benefit_wish", "end_connection",
         "coupon", "export", "business_renewal", "business_remove_member",
         "business_plan_delete", "change_card",
         "business_benefit_secret", "business_import_act"), POSTED),
    **dict.fromkeys(
        ("invoice_pdf", "gift_invoice", "business_export", "business_invoice",
         "business_failed_export", "business_disputes_export", "business_books_export",
         "business_import_problems", "business_figures_funnel_file", "business_figures_mrr_file",
         "business_figures_churn_file", "business_figures_retention_file",
         "business_figures_plans_file", "business_figures_limit_file",
         "mfa_download_recovery_codes"), FILE),
    **dict.fromkeys(
        ("place", "idp:oidc:configuration", "idp:oidc:jwks", "idp:oidc:token", "idp:oidc:userinfo",
         "idp:oidc:revoke", "mfa_login_webauthn"), MACHINES),
    **dict.fromkeys(
        ("connect", "card_changed", "gift_left", "subscribe_left", "business_figures",
         "openid_connect_login", "openid_connect_callback", "socialaccount_signup"), LEADS_ON),
    **dict.fromkeys(
        ("subscribe_return", "account_email_verification_sent", "withdraw_by_mail",
         "account_confirm_login_code", "account_set_password", "account_logout",
         "mfa_authenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn",
         "mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes",
         "mfa_add_webauthn", "mfa_remove_webauthn", "mfa_edit_webauthn"), STORIES),
}  # fmt: skip
"""By the name of the address, why axe-core does not look there from a list."""


def excuse(address: Address) -> str:
    """Why a page may be missing from the lists, "" when it may not."""
    if address.pattern.startswith("desk/") and WAGTAILS_PARTS.search(address.pattern):
        return WAGTAILS
    if getattr(address.view, "view_class", None) is RedirectView:
        return LEADS_ON
    return EXCUSED.get(address.name, "")


def ours() -> list[Address]:
    return [one for one in every_address() if OURS.match(one.pattern)]


def listed() -> set[object]:
    """The views behind the addresses of the lists; any row stands for each."""
    places = [where for _who, where in READERS.values()] + [*DESK_SCREENS.values()]
    paths = (urlsplit(where).path for where in places)
    return {resolve(re.sub(r"\{\w+\}", "1", path)).func for path in paths if is_routed(path)}


def is_routed(path: str) -> bool:
    """Whether Django answers it; the fronts are pressed and answered by the gate."""
    return not path.startswith("/counting-house/")


def test_every_page_is_looked_at_or_excused():
    seen = listed()
    assert len(seen) > 80
    missing = [
        f"{one.pattern} ({one.name})" for one in ours() if one.view not in seen and not excuse(one)
    ]
    assert missing == [], "add a line to READERS or DESK_SCREENS, or an excuse"


def test_every_excuse_is_needed():
    seen = listed()
    needed = {one.name for one in ours() if one.view not in seen}
    assert set(EXCUSED) - needed == set(), "gone, or looked at by now"


def test_every_setting_of_ours_is_looked_at():
    apps = ("accounts", "ledger", "subscriptions")
    mine = [model._meta for model in registry if model._meta.app_label in apps]
    assert len(mine) > 5
    paths = {f"/desk/settings/{meta.app_label}/{meta.model_name}/" for meta in mine}
    assert paths - {*DESK_SCREENS.values()} == set()


@pytest.mark.django_db
@pytest.mark.filterwarnings("ignore")
def test_what_is_excused_for_showing_nothing_shows_nothing(paper):
    """A page must not hide behind an excuse that it is none."""
    reader, staff = Client(), Client()
    reader.force_login(ben())
    staff.force_login(make_staff("eve@lantern.example", PASSWORD, publisher=True, name="Eve"))
    pages = {}
    for one in ours():
        if EXCUSED.get(one.name) in (POSTED, FILE, MACHINES, LEADS_ON):
            client = staff if one.pattern.startswith("desk/") else reader
            answer = client.get(one.path)
            kind = answer.headers.get("content-type", "")
            pages[one.name] = answer.status_code == 200 and kind.startswith("text/html")
    assert len(pages) > 40
    assert [name for name, is_page in pages.items() if is_page] == []
