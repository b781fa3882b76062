"""Registers the publisher's screens of readers and money with Wagtail."""

from typing import Any

from django.contrib.auth.models import Permission
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.admin import messages

from broadsheet.desk.models import Article
from broadsheet.subscriptions.models import LOOKED, REVOKED
from broadsheet.subscriptions.newsroom import menu, shared
from broadsheet.subscriptions.reads.erasing import is_charged

menu.register_settings()


@hooks.register("register_admin_urls")
def business_addresses() -> list[Any]:
    """The screens' addresses."""
    return menu.ADDRESSES + menu.SHARING


@hooks.register("register_snippet_action_menu_item")
def share_item(model: type) -> Any:
    """In the article's editor, the way to its links."""
    return shared.ShareItem(order=70) if model is Article else None


@hooks.register("register_permissions")
def sharing_rights() -> Any:
    """What can be granted to groups beside the rights of Wagtail's own screens."""
    names = {"content_type__app_label": "subscriptions", "content_type__model": "articlelink"}
    return Permission.objects.filter(**names)


@hooks.register("register_admin_menu_item")
def readers_item() -> Any:
    """The group Readers."""
    return menu.readers_menu()


@hooks.register("register_admin_viewset")
def rights() -> Any:
    """Entitlements and grants."""
    return menu.view_sets()


@hooks.register("register_permissions")
def right_to_see_decisions() -> Any:
    """A right of its own, so that a group can answer readers and see nothing of money."""
    return Permission.objects.filter(
        content_type__app_label="subscriptions", codename="view_gatedecision"
    )


@hooks.register("register_permissions")
def rights_of_money() -> Any:
    """To see readers and money, and, apart from that, to give money back."""
    names = ("view_subscription", "change_subscription", "view_payment", "add_refund", "view_event")
    labels = ("subscriptions", "ledger")
    return Permission.objects.filter(content_type__app_label__in=labels, codename__in=names)


@hooks.register("register_permissions")
def rights_of_plans() -> Any:
    """To see, make, change and delete what is sold: its screens are no view set of Wagtail's."""
    return Permission.objects.filter(
        content_type__app_label="subscriptions", content_type__model="plan"
    )


@hooks.register("register_log_actions")
def logged(actions: Any) -> None:
    """Who looked at what a reader read, and who took access back, stands in the reports."""
    actions.register_action(
        LOOKED, gettext_lazy("Look at decisions"), gettext_lazy("Looked at decisions")
    )
    actions.register_action(REVOKED, gettext_lazy("Revoke access"), gettext_lazy("Revoked access"))


@hooks.register("before_delete_user")
def keep_charged(request: Any, user: Any) -> Any:
    """A reader who is still charged stays; the desk says what to do first."""
    if not is_charged(user):
        return None
    words = _("This reader is still charged. End the subscription first: cancel or refund it.")
    messages.error(request, words)
    return redirect("wagtailusers_users:index")
