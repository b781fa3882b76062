"""Registers the screens of licensees with Wagtail."""

from typing import Any

from wagtail import hooks

from broadsheet.licensing import newsroom


@hooks.register("register_admin_urls")
def licensing_addresses() -> list[Any]:
    """The screens' addresses."""
    return newsroom.ADDRESSES


@hooks.register("register_admin_menu_item")
def licensees_item() -> Any:
    """Licensees."""
    return newsroom.menu_item()
