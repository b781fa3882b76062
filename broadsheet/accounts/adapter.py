"""What allauth asks of the paper."""

import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string

from broadsheet.accounts import limits, mails, outbox
from broadsheet.accounts.reads import is_staff
from broadsheet.accounts.sessions import AT_DESK
from broadsheet.look.parts import PaperView

WANTED = "wanted_page"
"""In the session: the page that a reader wanted before signing in, and since when."""

WANTED_FOR = 60 * 60
"""Seconds after which a wanted page is forgotten."""


def paper_on_pages(request: HttpRequest) -> PaperView:
    """The paper as pages show it: the context processor that serves them is asked, by its name."""
    names: dict[str, Any] = import_string(settings.PAPER_ON_PAGES)(request)
    paper: PaperView = names["paper"]
    return paper


class PaperAdapter(DefaultAccountAdapter):
    """Readers land where they wanted to go, else on their account; staff at the desk."""

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Where a sign-in leads whose last form did not say so itself."""
        page, at = request.session.pop(WANTED, ("", 0.0))
        if page and time.time() - at < WANTED_FOR and self.is_safe_url(page):
            return str(page)
        return "/desk/" if request.user.has_perm("wagtailadmin.access_admin") else "/account/"

    def is_safe_url(self, url: str | None) -> bool:
        """Whether an address leads to a page of ours; what is no address at all does not."""
        try:
            return bool(super().is_safe_url(url))
        except ValueError:
            return False

    def post_login(self, request: HttpRequest, user: Any, **names: Any) -> HttpResponse:
        """Signed in: the wanted page has been reached, and other devices may have to go."""
        with limits.turn(user) as most:
            response: HttpResponse = super().post_login(request, user, **names)
            request.session.pop(WANTED, None)
            if is_staff(user):
                request.session[AT_DESK] = True
            if most:
                limits.keep_to(most, user, request.session)
        return response

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue the mail in the paper's own words and look."""
        paper = paper_on_pages(allauth.request)
        given = {"request": allauth.request, "email": email} | context
        name, names = mails.worded(template_prefix, given, paper)
        outbox.queue(email, name, names, paper=paper)

    def get_client_ip(self, request: HttpRequest) -> str:
        """The reader's address for rate limits: the gate writes it, whatever a client sent."""
        return str(request.META.get("HTTP_X_FORWARDED_FOR", "127.0.0.1"))


class PaperSecondFactor(DefaultMFAAdapter):
    """Authenticator apps and passkeys show the paper's name, not its host."""

    def _get_site_name(self) -> str:
        return paper_on_pages(allauth.request).name
