"""Reader-facing pages of the newsroom speak the paper's language, in the paper's zone."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from wagtail.users.models import UserProfile

from broadsheet.desk.models import Paper


class PaperLocale:
    """Activates language and zone of the paper; the desk's own pages follow the user's choice."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer under the paper's locale."""
        paper = Paper.load(request_or_site=request)
        with translation.override(paper.language), timezone.override(ZoneInfo(paper.time_zone)):
            return self.get_response(request)


class DeskZone:
    """The desk's times are the paper's, whatever zone an account once chose.

    Wagtail takes them from the user's profile, which is changed here for the request only.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer; other pages than the desk's are left alone."""
        user = request.user
        if request.path.startswith("/desk/") and user.has_perm("wagtailadmin.access_admin"):
            profile = UserProfile.get_for_user(user)
            profile.current_time_zone = Paper.load(request_or_site=request).time_zone
            setattr(user, "wagtail_userprofile", profile)  # noqa: B010 (Wagtail's)
        return self.get_response(request)
