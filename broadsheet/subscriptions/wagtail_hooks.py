"""Registers the meter's settings and the grants with Wagtail."""

from wagtail import hooks
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.contrib.settings.registry import registry

from broadsheet.subscriptions.models import Grant, MeterPolicy

registry.register(MeterPolicy, icon="lock")


class GrantViewSet(ModelViewSet):
    """Grants: complimentary access is given here."""

    model = Grant
    icon = "key"
    menu_order = 330
    add_to_admin_menu = True
    form_fields = ("reader", "entitlement", "valid_from", "valid_until", "revoked_at", "reason")
    list_display = ("reader", "entitlement", "valid_from", "valid_until", "source")
    copy_view_enabled = False


@hooks.register("register_admin_viewset")
def grants() -> GrantViewSet:
    """Grants in the menu."""
    return GrantViewSet("grants")
