"""A partner as a client of ours (OpenID Connect): made with its benefit, its secret shown once."""

from allauth.idp.oidc.adapter import get_adapter
from allauth.idp.oidc.models import Client, Token
from django.db import transaction

from broadsheet.subscriptions.models import PartnerBenefit
from broadsheet.subscriptions.partnering import OPENID_SCOPE, scopes_of


def keep_client(benefit: PartnerBenefit, redirects: list[str]) -> str:
    """Make the client of a benefit, or bring it up to date; the secret of a new one, else "".

    In the transaction that saves the benefit. The secret is kept as a hash: nobody sees it again.
    """
    known, secret = benefit.client, ""
    client = known or Client(type=Client.Type.CONFIDENTIAL, response_types="code")
    client.name = str(benefit)[:100]
    client.set_redirect_uris(redirects)
    client.set_scopes(scopes_of(asks_email=benefit.asks_email))
    client.set_default_scopes([OPENID_SCOPE])
    client.set_grant_types([Client.GrantType.AUTHORIZATION_CODE, Client.GrantType.REFRESH_TOKEN])
    if known is None:
        secret = get_adapter().generate_client_secret()
        client.set_secret(secret)
    client.save()
    if known is None:
        benefit.client = client
        benefit.save(update_fields=["client"])
    return secret


def renew_secret(benefit: PartnerBenefit) -> str:
    """A new secret; the old one, and every token that was given for it, end at once."""
    client = benefit.client
    assert client is not None
    secret: str = get_adapter().generate_client_secret()
    with transaction.atomic():
        client.set_secret(secret)
        client.save(update_fields=["secret"])
        Token.objects.filter(client=client).delete()
    return secret
