"""Registers the publisher's screens of readers and money with Wagtail."""

from typing import Any

from wagtail import hooks

from broadsheet.subscriptions.newsroom import menu

menu.register_settings()


@hooks.register("register_admin_urls")
def business_addresses() -> list[Any]:
    """The screens' addresses."""
    return menu.ADDRESSES


@hooks.register("register_admin_menu_item")
def readers_item() -> Any:
    """The group Readers."""
    return menu.readers_menu()


@hooks.register("register_admin_viewset")
def rights() -> Any:
    """Entitlements and grants."""
    return menu.view_sets()
