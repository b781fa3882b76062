"""Registers the house ads' screen with Wagtail."""

from wagtail import hooks
from wagtail.admin.viewsets.model import ModelViewSet

from broadsheet.ads.models import HouseAd


class HouseAdViewSet(ModelViewSet):
    """House ads."""

    model = HouseAd
    icon = "view"
    menu_order = 320
    add_to_admin_menu = True
    form_fields = ("slot", "headline", "text", "link_text", "url", "live", "order")
    list_display = ("headline", "slot", "live", "order")
    list_filter = ("slot", "live")
    copy_view_enabled = False


@hooks.register("register_admin_viewset")
def house_ads() -> HouseAdViewSet:
    """House ads in the menu."""
    return HouseAdViewSet("house_ads")
