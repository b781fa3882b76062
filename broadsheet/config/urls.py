"""The newsroom's addresses. Everything pressed is answered by the gate before it comes here."""

from django.urls import include, path
from django.views.generic import RedirectView
from wagtail.admin import urls as desk_urls

from broadsheet.accounts import choices
from broadsheet.accounts import views as accounts
from broadsheet.accounts.issuers import views as issuers
from broadsheet.archive import views as archive
from broadsheet.config import health
from broadsheet.demo import views as demo
from broadsheet.subscriptions.views import (
    account,
    benefits,
    billing,
    cards,
    changing,
    erase,
    export,
    gift_keeping,
    gifts,
    groups,
    history,
    passes,
    pausing,
    reading,
    webhooks,
    withdrawing,
)

urlpatterns = [
    path("desk/login/", accounts.desk_login),
    path("desk/", include(desk_urls)),
    path("accounts/sessions/", RedirectView.as_view(pattern_name="devices")),
    path("accounts/3rdparty/", RedirectView.as_view(pattern_name="connections")),
    path("accounts/login/passkey/", accounts.passkey, name="login_by_passkey"),
    path("accounts/", include("allauth.urls")),
    path("account/", account.account, name="account"),
    path("account/cancel/", account.cancel, name="cancel"),
    path("account/withdraw/", withdrawing.withdraw, name="withdraw"),
    path("account/resume/", account.resume, name="resume"),
    path("account/pause/", pausing.pause, name="pause"),
    path("account/pause/end/", pausing.end, name="end_pause"),
    path("account/card/", cards.change_card, name="change_card"),
    path("account/card/back/<int:known>/", cards.card_changed, name="card_changed"),
    path("account/billing/", billing.billing, name="billing"),
    path("account/plan/", changing.plans, name="change_plan"),
    path("account/plan/keep/", changing.keep, name="keep_plan"),
    path("account/plan/to/<slug:slug>/", changing.plan, name="change_plan_to"),
    path("account/invoices/<str:label>/", account.invoice, name="invoice"),
    path("account/data/", export.own_data, name="own_data"),
    path("account/data/export/", export.export, name="export"),
    path("account/delete/", erase.erase, name="erase"),
    path("account/invoices/<str:label>/pdf/", account.invoice_pdf, name="invoice_pdf"),
    path("account/reading/", reading.reading, name="reading"),
    path("account/history/", history.history, name="history"),
    path("account/place/", history.place, name="place"),
    path("account/choices/", choices.choices, name="choices"),
    path("account/devices/", accounts.devices, name="devices"),
    path("account/connections/", issuers.connections, name="connections"),
    path("account/connections/<int:number>/end/", issuers.end_connection, name="end_connection"),
    path("account/connections/to/<slug:slug>/", issuers.connect, name="connect"),
    path("account/signed-out/", accounts.signed_out, name="signed_out"),
    path("account/gift/", gifts.gifts, name="gifts"),
    path("account/gift/<int:number>/back/", gifts.take_back, name="take_gift_back"),
    path("account/group/", groups.group, name="group"),
    path("account/group/invited/<int:number>/again/", groups.send_again, name="invite_again"),
    path("account/group/invited/<int:number>/withdraw/", groups.withdraw, name="withdraw_invited"),
    path("account/group/members/<int:number>/remove/", groups.remove, name="remove_member"),
    path("account/group/leave/<int:number>/", groups.leave, name="leave_group"),
    path("account/invitation/<str:secret>/", groups.invitation, name="seat_invitation"),
    path("account/gift-subscriptions/", gift_keeping.own_gifts, name="own_gifts"),
    path("account/benefits/", benefits.benefits, name="benefits"),
    path("account/benefits/<int:number>/claim/", benefits.claim, name="claim_benefit"),
    path("account/benefits/<int:number>/wish/", benefits.wish, name="wish_benefit"),
    path("account/benefits/<int:number>/wish/end/", benefits.forget_wish, name="end_benefit_wish"),
    path("account/saved/", account.saved, name="saved"),
    path("search", archive.search, name="search"),
    path("subscribe/", include("broadsheet.subscriptions.urls")),
    path("licensed/", include("broadsheet.licensing.urls")),
    path("", include("broadsheet.config.partner_urls")),
    path("webhooks/wire/", include("broadsheet.wire.urls")),
    path("webhooks/<str:name>/", webhooks.webhook, name="webhook"),
    path("demo/inbox/", demo.inbox, name="demo_inbox"),
    path("-/pass", passes.renew_pass),
    path("-/health", health.newsroom),
]

handler400 = "broadsheet.press.views.bad_request"
handler404 = "broadsheet.press.views.not_found"
handler500 = "broadsheet.press.views.server_error"
