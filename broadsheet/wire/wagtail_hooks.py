"""Registers the feeds and their health with Wagtail."""

from wagtail import hooks
from wagtail.admin.viewsets.model import ModelViewSet

from broadsheet.wire.models import Feed
from broadsheet.wire.newsroom.sources import SourceViewSet


class FeedViewSet(ModelViewSet):
    """Feeds and how they are; rules decide what becomes of what they bring."""

    model = Feed
    icon = "download"
    menu_order = 310
    add_to_admin_menu = True
    form_fields = ("source", "name", "location", "format", "active", "every")
    list_display = ("name", "source", "location", "fetched_at", "failures", "active")
    copy_view_enabled = False


@hooks.register("register_admin_viewset")
def feeds() -> FeedViewSet:
    """Feeds in the menu."""
    return FeedViewSet("feeds")


@hooks.register("register_admin_viewset")
def sources() -> SourceViewSet:
    """Sources in the menu."""
    return SourceViewSet("sources")
