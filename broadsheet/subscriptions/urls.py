"""Addresses of selling: the price list, an offer, and the way back from the payment."""

from django.urls import path

from broadsheet.subscriptions.views import (
    coupons,
    gift_buying,
    gift_keeping,
    gift_redeeming,
    gift_withdrawing,
    returning,
    sales,
    withdrawing,
)

urlpatterns = [
    path("", sales.subscribe, name="subscribe"),
    path("coupon/", coupons.enter, name="coupon"),
    path("gift/", gift_buying.plans, name="gift_plans"),
    path("gift/of/<str:key>/", gift_keeping.gift, name="gift"),
    path("gift/of/<str:key>/left/", gift_keeping.left, name="gift_left"),
    path("gift/of/<str:key>/withdraw/", gift_withdrawing.withdraw_gift, name="withdraw_gift"),
    path("gift/of/<str:key>/<str:label>.pdf", gift_keeping.gift_invoice, name="gift_invoice"),
    path("gift/<slug:slug>/", gift_buying.give, name="give"),
    path("redeem/", gift_redeeming.redeem, name="redeem_gift"),
    path("return/<str:key>/", returning.returned, name="subscribe_return"),
    path("left/<str:key>/", returning.left, name="subscribe_left"),
    path("withdraw/<str:token>/", withdrawing.withdraw_by_mail, name="withdraw_by_mail"),
    path("<slug:slug>/", sales.choose, name="choose"),
]
