"""Whether what an issuer says is really said by it, to us, about this very sign-in."""

import hashlib
import hmac
from typing import Any

import jwt
from allauth.socialaccount.providers.oauth2.client import OAuth2Error

from broadsheet.kit.sign_in_with import Issuer

Facts = dict[str, Any]

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
              "EdDSA")  # fmt: skip
"""Those with a public key. Never the ones of a shared secret, and never "none"."""

LEEWAY = 60
"""Seconds by which the issuer's clock may differ from ours."""

REQUIRED = ["iss", "sub", "aud", "exp", "iat"]


def claims_of(token: object, found: Facts, issuer: Issuer, nonce: str) -> Facts:
    """The claims of an ID token, verified (OpenID Connect Core 1.0, 3.1.3.7): signature, issuer,
    addressee, time and nonce. `found` are the issuer's keys. Raises OAuth2Error.
    """
    try:
        key = _key_of(str(token), found)
        claims: Facts = jwt.decode(
            str(token), key, algorithms=list(ALGORITHMS), audience=issuer.client,
            issuer=issuer.url, leeway=LEEWAY, options={"require": REQUIRED},
        )  # fmt: skip
    except jwt.PyJWTError as error:
        raise OAuth2Error(f"the ID token is not valid: {error}") from None
    if claims.get("azp", issuer.client) != issuer.client:
        raise OAuth2Error("the ID token was made for somebody else")
    said = claims.get("nonce")
    if not nonce or not isinstance(said, str) or not hmac.compare_digest(said, nonce):
        raise OAuth2Error("the ID token belongs to another sign-in")
    return claims


def _key_of(token: str, found: Facts) -> jwt.PyJWK:
    """The key that the token names; an issuer with a single one need not name it (10.1)."""
    named = jwt.get_unverified_header(token).get("kid")
    known = [key for key in jwt.PyJWKSet.from_dict(found).keys if key.public_key_use != "enc"]
    fitting = [key for key in known if key.key_id == named] if named else known
    if len(fitting) != 1:
        raise jwt.InvalidTokenError("it is signed with no key of the issuer")
    return fitting[0]


def with_person(claims: Facts, said: Facts) -> Facts:
    """The claims and what the userinfo address said besides. Raises OAuth2Error when that is about
    somebody else (Core 1.0, 5.3.2)."""
    if said and said.get("sub") != claims["sub"]:
        raise OAuth2Error("the issuer spoke of two persons")
    return {**said, **claims}


def name_of(claims: Facts) -> str:
    """What the person is known by here: a digest of issuer and subject together, the only claims
    that never change hands (Core 1.0, 5.7). Another issuer under the same id is another person."""
    return hashlib.sha256(f"{claims['iss']} {claims['sub']}".encode()).hexdigest()


def confirms_address(claims: Facts) -> bool:
    """Whether the issuer vouches for the address. Some write the boolean as a word."""
    said = claims.get("email_verified")
    return said is True or said == "true"
