"""Addresses of selling: the price list, an offer, and the way back from the payment."""

from django.urls import path

from broadsheet.subscriptions.views import sales

urlpatterns = [
    path("", sales.subscribe, name="subscribe"),
    path("return/<str:key>/", sales.returned, name="subscribe_return"),
    path("left/<str:key>/", sales.returned, name="subscribe_left"),
    path("<slug:slug>/", sales.choose, name="choose"),
]
