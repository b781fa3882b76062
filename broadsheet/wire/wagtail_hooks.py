"""Registers the feeds and their health with Wagtail."""

from typing import Any

from django.urls import path
from wagtail import hooks

from broadsheet.wire.newsroom import credentials, menu, screens
from broadsheet.wire.newsroom.sources import SourceViewSet


@hooks.register("register_admin_viewset")
def feeds() -> Any:
    """The feeds' screens."""
    return menu.FeedViewSet("feeds")


@hooks.register("register_admin_menu_item")
def feeds_item() -> Any:
    """Feeds in the menu."""
    return menu.feeds_item()


@hooks.register("construct_homepage_panels", order=10)
def alarm(request: Any, panels: list[Any]) -> None:
    """After the desk has put its own panels in place."""
    if request.user.has_perm("wire.view_feed"):
        panels.append(menu.AlarmPanel())


@hooks.register("register_admin_viewset")
def sources() -> SourceViewSet:
    """Sources in the menu."""
    return SourceViewSet("sources")


@hooks.register("register_log_actions")
def logged(actions: Any) -> None:
    """Who paused a feed, and who resumed it, stands in its history."""
    for name, (label, told) in screens.LOGGED.items():
        actions.register_action(name, label, told)


@hooks.register("register_admin_urls")
def push_addresses() -> list[Any]:
    """Where a pushed feed gets its secret."""
    screen = credentials.credentials
    return [path("feeds/<int:pk>/push/", screen, name="wire_credentials")]
