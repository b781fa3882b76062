"""What Wagtail's admin shows of the wire: menu, alarm on the first screen, forms of feeds."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpResponse
from django.urls import path, register_converter, reverse
from django.urls.converters import StringConverter
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component
from wagtail.admin.viewsets.model import ModelViewSet

from broadsheet.wire import reads
from broadsheet.wire.models import Feed
from broadsheet.wire.newsroom import screens


class Change(StringConverter):
    """One of the buttons' names."""

    regex = "|".join(screens.CHANGES)


register_converter(Change, "change")


class FeedViewSet(ModelViewSet):
    """Feeds: our own list and page, Wagtail's forms. Rules decide what becomes of what comes."""

    model = Feed
    icon = "link"
    form_fields = (
        "source", "name", "location", "format", "every", "seldom", "auth", "auth_name", "secret",
        "hub", "host_key", "senders", "mail_publishes",
    )  # fmt: skip
    edit_template_name = "wire/newsroom/edit_feed.html"
    copy_view_enabled = False

    @property
    def index_view(self) -> Callable[..., HttpResponse]:
        """The list that shows how they are."""
        return screens.feeds

    def get_urlpatterns(self) -> list[Any]:
        """Wagtail's, and one feed's page with its buttons."""
        return [
            path("<int:pk>/", screens.feed, name="feed"),
            path("<int:pk>/<change:what>/", screens.change, name="change"),
            path("fetches/<int:pk>/", screens.document, name="document"),
            path("fetches/<int:pk>/replay/", screens.replay, name="replay"),
            *super().get_urlpatterns(),
        ]


class FeedsItem(MenuItem):
    """Feeds, with the number of those that need somebody."""

    def is_shown(self, request: Any) -> bool:
        """Whether the user may see feeds."""
        return bool(request.user.has_perm("wire.view_feed"))

    def render_component(self, request: Any) -> Any:
        """The entry, counted anew for each page."""
        component = super().render_component(request)
        if number := reads.in_need()["all"]:
            component.label = format_lazy("{label} ({number})", label=self.label, number=number)
        return component


def feeds_item() -> MenuItem:
    """The entry Feeds in the menu."""
    return FeedsItem(_("Feeds"), reverse("feeds:index"), name="feeds", icon_name="link", order=310)


class AlarmPanel(Component):
    """On the desk's first screen, above what came in: feeds that need somebody."""

    name = "feeds"
    template_name = "wire/newsroom/alarm.html"
    order = 5

    def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """How many there are of each kind."""
        return reads.in_need()
