"""What Wagtail's admin shows of readers and money: menu, addresses, settings."""

from typing import Any

from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem
from wagtail.admin.views.generic import IndexView
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.contrib.settings.registry import registry

from broadsheet.subscriptions.models import FreeLimit, Grant, LinkPolicy, MeterPolicy, SalesPolicy
from broadsheet.subscriptions.newsroom import (
    books,
    coupons,
    decisions,
    figures,
    gifts,
    imports,
    institutions,
    partners,
    plans,
    refunding,
    screens,
    shared,
    troubles,
)
from broadsheet.subscriptions.rules import INSTITUTION


class GrantIndexView(IndexView):
    """Those that somebody gave; what subscriptions, seats and institutions wrote is with them."""

    def get_base_queryset(self) -> Any:
        """With their readers, in one query."""
        given = Grant.objects.filter(subscription=None, seat=None, gift=None, imported=None)
        given = given.exclude(source=INSTITUTION)
        return given.select_related("reader").order_by("-pk")


class GrantViewSet(ModelViewSet):
    """Grants: complimentary access is given here."""

    model = Grant
    index_view_class = GrantIndexView
    icon = "key"
    form_fields = ("reader", "entitlement", "valid_from", "valid_until", "revoked_at", "reason")
    list_display = ("reader", "entitlement", "valid_from", "valid_until", "source")
    search_fields = ("reader__email", "reason")
    list_per_page = 50
    copy_view_enabled = False


class FreeLimitViewSet(ModelViewSet):
    """Other numbers of free articles than those under Settings."""

    model = FreeLimit
    icon = "lock-open"
    form_fields = ("kind", "entitlement", "section", "limit")
    list_display = ("kind", "entitlement", "section", "limit")
    inspect_view_enabled = False
    copy_view_enabled = False


class RightfulItem(MenuItem):
    """A menu item for those who may open its screen."""

    def __init__(self, right: str, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.right = right

    def is_shown(self, request: Any) -> bool:
        """Whether the user has the right."""
        return bool(request.user.has_perm(self.right))


def readers_menu() -> SubmenuMenuItem:
    """Everything about readers and money in one group, for those who may see any of it."""
    entries = [
        ("subscriptions.view_subscription", _("Overview"), "business", "group"),
        (figures.COUNTS, _("Figures"), "business_figures", "view"),
        ("subscriptions.view_subscription", _("Subscriptions"), "business_subscriptions", "user"),
        ("subscriptions.view_subscription", _("Gift subscriptions"), "business_gifts", "user"),
        ("subscriptions.view_gatedecision", _("Why stopped?"), "business_decisions", "help"),
        ("ledger.view_payment", _("Payments"), "business_payments", "doc-full-inverse"),
        ("ledger.view_payment", _("Failed charges"), "business_failed", "warning"),
        ("ledger.view_payment", _("Disputes"), "business_disputes", "warning"),
        ("ledger.view_payment", _("Books"), "business_books", "table"),
        ("subscriptions.view_plan", _("Plans"), "business_plans", "tag"),
        ("subscriptions.change_coupon", _("Coupons"), "coupons:index", "tag"),
        ("subscriptions.change_entitlement", _("Entitlements"), "entitlements:index", "key"),
        ("subscriptions.change_freelimit", _("Free articles"), "free_limits:index", "lock"),
        ("subscriptions.change_grant", _("Grants"), "grants:index", "lock-open"),
        ("subscriptions.change_institution", _("Institutions"), "institutions:index", "site"),
        (imports.RIGHT, _("Import"), "business_imports", "upload"),
        (partners.RIGHT, _("Partner benefits"), "partner_benefits:index", "pick"),
        ("ledger.view_event", _("Gateway log"), "business_gateway", "history"),
    ]
    items = [
        RightfulItem(
            right, label, reverse(address), name=address.replace(":", "-"), icon_name=icon,
            order=place,
        )
        for place, (right, label, address, icon) in enumerate(entries)
    ]  # fmt: skip
    return SubmenuMenuItem(
        _("Readers"), Menu(items=items), name="readers", icon_name="group", order=290
    )


def view_sets() -> list[ModelViewSet]:
    """Of what readers may open; their menu entries are in `readers_menu`."""
    return [
        plans.EntitlementViewSet("entitlements"),
        coupons.CouponViewSet("coupons"),
        GrantViewSet("grants"),
        FreeLimitViewSet("free_limits"),
        institutions.InstitutionViewSet("institutions"),
        partners.PartnerBenefitViewSet("partner_benefits"),
    ]


ADDRESSES = [
    path("business/overview/", screens.business, name="business"),
    path("business/subscriptions/", screens.subscriptions, name="business_subscriptions"),
    path("business/subscriptions/<int:pk>/", screens.subscription, name="business_subscription"),
    path("business/subscriptions/<int:pk>/renewal/", screens.renewal, name="business_renewal"),
    path(
        "business/subscriptions/<int:pk>/seats/<int:number>/remove/",
        screens.remove_member, name="business_remove_member",
    ),
    path("business/gift-subscriptions/", gifts.gifts, name="business_gifts"),
    path("business/gift-subscriptions/<int:pk>/", gifts.gift, name="business_gift"),
    path("business/decisions/", decisions.decisions, name="business_decisions"),
    path("business/payments/", screens.money, name="business_payments"),
    path("business/payments/export.csv", screens.export, name="business_export"),
    path("business/payments/<str:label>.pdf", screens.invoice_pdf, name="business_invoice"),
    path("business/payments/<int:pk>/refund/", refunding.refund, name="business_refund"),
    path("business/failed/", troubles.failed, name="business_failed"),
    path("business/failed/export.csv", troubles.failed_export, name="business_failed_export"),
    path("business/disputes/", troubles.disputes, name="business_disputes"),
    path("business/disputes/export.csv", troubles.disputes_export, name="business_disputes_export"),
    path("business/books/", books.books, name="business_books"),
    path("business/books/export.csv", books.export, name="business_books_export"),
    path("business/plans/", plans.plans, name="business_plans"),
    path("business/plans/add/", plans.add, name="business_plan_add"),
    path("business/plans/<int:pk>/", plans.plan, name="business_plan"),
    path("business/plans/<int:pk>/delete/", plans.delete, name="business_plan_delete"),
    path("business/gateway/", screens.gateway_log, name="business_gateway"),
    *figures.ADDRESSES,
    *imports.ADDRESSES,
    *partners.ADDRESSES,
]  # fmt: skip

SHARING = [
    path("links/<int:pk>/", shared.links, name="article_links"),
    path("links/<int:pk>/back/", shared.take_back, name="take_link_back"),
]
"""About articles, and so no screens of readers and money."""


def register_settings() -> None:
    """The meter, how prices are shown, and what is given away, under Settings."""
    registry.register(MeterPolicy, icon="lock")
    registry.register(SalesPolicy, icon="tag")
    registry.register(LinkPolicy, icon="link")
