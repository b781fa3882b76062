"""The addresses of signing in with an issuer, below /accounts/oidc/<id>/."""

from django.urls import path

from broadsheet.accounts.issuers import views

urlpatterns = [
    path("oidc/<slug:provider_id>/login/", views.login, name="openid_connect_login"),
    path("oidc/<slug:provider_id>/login/callback/", views.back, name="openid_connect_callback"),
]
