"""Where news comes in by itself."""

from django.urls import path

from broadsheet.wire import views

urlpatterns = [
    path("hub/<str:token>/", views.hub_callback, name="wire_hub"),
    path("push/<str:token>/", views.push, name="wire_push"),
]
