"""What a partner is told of a reader over OpenID Connect: whether entitled, now; nothing else.

allauth speaks the protocol; here is who is meant, what is told, and what signs it.
"""

from collections.abc import Iterable
from typing import Any, Literal

from allauth.account.models import EmailAddress
from allauth.idp.oidc.adapter import DefaultOIDCAdapter
from allauth.idp.oidc.models import Client, PrivateKey
from django.conf import settings

from broadsheet.accounts.models import User
from broadsheet.kit import clock
from broadsheet.kit.signing import signing_keys
from broadsheet.subscriptions.models import Grant, PartnerBenefit, PartnerClaim
from broadsheet.subscriptions.partnering import BENEFIT_SCOPE, EMAIL_SCOPE, told
from broadsheet.subscriptions.reads.origin import origin


class PartnerIdentity(DefaultOIDCAdapter):  # type: ignore[misc]
    """Pairwise subjects, the one benefit of the client, our keys and our origin."""

    def get_issuer(self) -> str:
        """The paper's only origin, whatever host the request names."""
        return origin()

    def list_private_keys(
        self, *, did_activate: Literal[True] | None = None, is_active: Literal[True] | None = None
    ) -> list[PrivateKey]:
        """All of ours: each is published."""
        return [
            PrivateKey(pem=pem) for pem in signing_keys(settings.ENV.signing_key, settings.HOME)
        ]

    def get_signing_key(self) -> PrivateKey:
        """The first one."""
        key: PrivateKey = self.list_private_keys()[0]
        return key

    def get_user_sub(self, client: Client, user: User) -> str:
        """What this partner, and no other, knows the reader by (OpenID Connect Core 1.0, 8.1)."""
        found: PartnerClaim = PartnerClaim.objects.get(benefit__client=client, reader=user)
        return found.subject

    def get_user_by_sub(self, client: Client, sub: str) -> User | None:
        """The reader whose claim has not ended."""
        claims = PartnerClaim.objects.filter(benefit__client=client, subject=sub, ended_at=None)
        found = claims.select_related("reader").first()
        reader = found.reader if found else None
        return reader if reader is not None and reader.is_active else None

    def get_claims(
        self, purpose: Literal["id_token", "userinfo"], user: User, client: Client,
        scopes: Iterable[str], email: str | None = None, **facts: Any,
    ) -> dict[str, Any]:  # fmt: skip
        """The subject; with scope `entitlements` what the grants say at this moment."""
        claims: dict[str, Any] = {"sub": self.get_user_sub(client, user)}
        if BENEFIT_SCOPE in scopes:
            claims |= standing(user, client.benefit)
        if EMAIL_SCOPE in scopes and client.benefit.asks_email:
            claims |= _address(user)
        return claims


def standing(reader: User, benefit: PartnerBenefit) -> dict[str, object]:
    """Whether this reader has this benefit now: by grants in force, and nothing else."""
    now = clock.now()
    grants = Grant.objects.in_force(now).filter(reader=reader, entitlement=benefit.entitlement)
    ends = grants.values_list("valid_until", flat=True)
    return told(ends, running=benefit.is_running(now))


def _address(reader: User) -> dict[str, object]:
    found = EmailAddress.objects.get_primary(reader)
    return {"email": found.email, "email_verified": found.verified} if found else {}
