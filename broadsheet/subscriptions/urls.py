"""Addresses of selling: the price list, an offer, and the way back from the payment."""

from django.urls import path

from broadsheet.subscriptions.views import coupons, returning, sales

urlpatterns = [
    path("", sales.subscribe, name="subscribe"),
    path("coupon/", coupons.enter, name="coupon"),
    path("return/<str:key>/", returning.returned, name="subscribe_return"),
    path("left/<str:key>/", returning.left, name="subscribe_left"),
    path("<slug:slug>/", sales.choose, name="choose"),
]
