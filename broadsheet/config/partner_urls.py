"""Addresses of the OpenID Provider. allauth finds them by these names, in these namespaces."""

from django.urls import include, path

from broadsheet.subscriptions.views import identity

PROVIDER = [
    path(".well-known/openid-configuration", identity.configuration, name="configuration"),
    path("identity/keys", identity.jwks, name="jwks"),
    path("identity/authorize", identity.authorization, name="authorization"),
    path("identity/token", identity.token, name="token"),
    path("identity/userinfo", identity.userinfo, name="userinfo"),
    path("identity/revoke", identity.revoke, name="revoke"),
]

app_name = "idp"
urlpatterns = [path("", include((PROVIDER, "oidc")))]
