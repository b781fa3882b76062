"""What every screen of readers and money shares: who may open it, its zone, its head, its pages."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from wagtail.admin.views.generic import IndexView

from broadsheet.accounts.models import User
from broadsheet.desk.models import Paper

PAGE = 50
"""Lines on a page."""


class PurposeIndexView(IndexView):
    """A list that says, as long as it is empty, what it is for."""

    purpose: str | Promise = ""
    results_template_name = "subscriptions/newsroom/purpose_results.html"

    def get_context_data(self, *args: Any, **options: Any) -> dict[str, Any]:
        """Of a search that finds nothing, what Wagtail says."""
        is_narrowed = self.is_searching or self.is_filtering
        purpose = "" if is_narrowed else str(self.purpose)
        context: dict[str, Any] = super().get_context_data(*args, **options)
        return context | {"purpose": purpose}


Arguments = ParamSpec("Arguments")
Screen = Callable[Concatenate[HttpRequest, Arguments], HttpResponse]


def screen(right: str) -> Callable[[Screen[Arguments]], Screen[Arguments]]:
    """A screen for those who have the right, with its times in the paper's zone."""

    def with_right(view: Screen[Arguments]) -> Screen[Arguments]:
        @wraps(view)
        def inside(
            request: HttpRequest, /, *args: Arguments.args, **options: Arguments.kwargs
        ) -> HttpResponse:
            with timezone.override(ZoneInfo(Paper.load().time_zone)):
                return view(request, *args, **options)

        return permission_required(right, raise_exception=True)(inside)

    return with_right


def who(request: HttpRequest) -> User:
    """The signed-in member of staff; the screens' permissions have let nobody else in."""
    user = request.user
    if not isinstance(user, User):
        raise PermissionDenied
    return user


def page_of(request: HttpRequest, rows: Any) -> Page[Any]:
    """The page that was asked for, or the nearest there is."""
    return Paginator(rows, PAGE).get_page(request.GET.get("p"))


def filters(request: HttpRequest) -> str:
    """The address's query without the page, to be carried on to the next one."""
    kept = request.GET.copy()
    kept.pop("p", None)
    return kept.urlencode()


def show(
    request: HttpRequest, name: str, title: str, context: dict[str, Any],
    *, icon: str, above: tuple[tuple[str, str], ...] = (), status: int = 200,
) -> HttpResponse:  # fmt: skip
    """The screen in Wagtail's frame; `above` are address name and label of the screens above it."""
    crumbs = [{"url": reverse("wagtailadmin_home"), "label": _("Desk")}]
    crumbs += [{"url": url, "label": label} for url, label in above]
    head = {
        "header_title": title,
        "header_icon": icon,
        "breadcrumbs_items": [*crumbs, {"url": "", "label": title}],
        "filters_kept": filters(request),
    }
    return render(request, f"subscriptions/newsroom/{name}.html", head | context, status=status)
