"""The newsroom's addresses. Everything pressed is answered by the gate before it comes here."""

from django.urls import include, path
from wagtail.admin import urls as desk_urls

from broadsheet.archive import views as archive
from broadsheet.config import health
from broadsheet.demo import views as demo
from broadsheet.subscriptions import views as subscriptions

urlpatterns = [
    path("desk/", include(desk_urls)),
    path("accounts/", include("allauth.urls")),
    path("account/", subscriptions.account, name="account"),
    path("search", archive.search, name="search"),
    path("subscribe/", subscriptions.subscribe, name="subscribe"),
    path("demo/inbox/", demo.inbox, name="demo_inbox"),
    path("-/pass", subscriptions.renew_pass),
    path("-/health", health.newsroom),
]

handler404 = "broadsheet.press.views.not_found"
handler500 = "broadsheet.press.views.server_error"
