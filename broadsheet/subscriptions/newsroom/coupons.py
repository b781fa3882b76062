"""Coupons in the desk: made and ended by one form, listed with their uses."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import BooleanColumn, Column
from wagtail.admin.views.generic import DeleteView
from wagtail.admin.viewsets.model import ModelViewSet

from broadsheet.subscriptions.forms import CouponForm
from broadsheet.subscriptions.models import Coupon
from broadsheet.subscriptions.newsroom.frame import PurposeIndexView
from broadsheet.subscriptions.reads.business.written import words
from broadsheet.subscriptions.reads.coupons import coupon_text


class CouponIndexView(PurposeIndexView):
    """All of them with their uses, in one query."""

    purpose = _(
        "No coupons yet. A coupon is a code that takes something off a price: for an offer in a"
        " newsletter, for students, for readers who want to leave."
    )

    def get_base_queryset(self) -> Any:
        """The newest first."""
        return Coupon.objects.counted().order_by("-made_at", "-pk")


class CouponDeleteView(DeleteView):
    """Keeps what was used or offered: the books name it."""

    def form_valid(self, form: object) -> HttpResponse:
        """Delete it, if no reader ever took it up."""
        coupon = self.object
        if coupon.uses.exists() or coupon.checkouts.exists():
            words = gettext("Readers have used this coupon: it stays. Take “can be used” away.")
            messages.error(self.request, words)
            return redirect("coupons:edit", coupon.pk)
        return super().form_valid(form)  # type: ignore[no-any-return]


class CouponViewSet(ModelViewSet):
    """Coupons: one form for the code, what it takes off, for whom and until when."""

    model = Coupon
    index_view_class = CouponIndexView
    delete_view_class = CouponDeleteView
    icon = "tag"
    list_display = (
        "code",
        Column("off", label=_("Takes off"), accessor=lambda one: taken_off(one)),
        Column("used", label=_("Uses"), accessor=lambda one: uses(one)),
        "valid_from",
        "valid_until",
        BooleanColumn("active", label=_("can be used")),
        "note",
    )
    search_fields = ("code", "note")
    list_per_page = 50
    copy_view_enabled = False
    menu_label = Coupon._meta.verbose_name_plural

    def get_form_class(self, for_update: bool = False) -> type[CouponForm]:
        """The same for both."""
        return CouponForm


def taken_off(coupon: Coupon) -> str:
    """What it takes off, without the code."""
    return coupon_text(coupon, words().language).partition(": ")[2]


def uses(coupon: Any) -> str:
    """How many uses are taken, of how many."""
    if coupon.most_uses is None:
        return str(coupon.used)
    return gettext("%(used)d of %(most)d") % {"used": coupon.used, "most": coupon.most_uses}
