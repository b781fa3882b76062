"""What allauth asks of the paper."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class PaperAdapter(DefaultAccountAdapter):
    """Readers land on their account, staff at the desk."""

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Where a sign-in without a wanted page leads."""
        user = request.user
        return "/desk/" if user.has_perm("wagtailadmin.access_admin") else "/account/"

    def format_email_subject(self, subject: str) -> str:
        """The subject alone: the sender names the paper."""
        return " ".join(subject.splitlines())

    def get_client_ip(self, request: HttpRequest) -> str:
        """The reader's address for rate limits: the gate writes it, whatever a client sent."""
        return str(request.META.get("HTTP_X_FORWARDED_FOR", "127.0.0.1"))
