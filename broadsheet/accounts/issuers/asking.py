"""What is asked of an issuer over the network: how it is spoken to, tokens, keys, who it was."""

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.core.cache import cache

from broadsheet.kit.fetch import Fetched, FetchError, Limits, fetch, post
from broadsheet.kit.sign_in_with import Issuer

Facts = dict[str, Any]

DISCOVERY = "/.well-known/openid-configuration"
KNOWN_FOR = 10 * 60
"""Seconds for which an issuer's configuration is kept; its keys are asked for each time."""

PATIENCE = Limits(connect=3, read=5, total=8, decoded_bytes=2**18, redirects=0)
"""A reader waits for it. Nothing that an issuer says leads to another address."""

NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")


def configuration(issuer: Issuer) -> Facts:
    """How the issuer is spoken to (OpenID Connect Discovery 1.0, sections 3 and 4).

    Only the host that the publisher named is asked, and it must name itself as the publisher did
    (4.3): else it could speak in the name of another. Raises OAuth2Error.
    """
    key = f"issuer.{issuer.slug}.{issuer.url}"
    known: Facts | None = cache.get(key)
    if known is None:
        known = _checked(issuer, _got(issuer, issuer.url.rstrip("/") + DISCOVERY))
        cache.set(key, known, KNOWN_FOR)
    return known


def _checked(issuer: Issuer, facts: Facts) -> Facts:
    if facts.get("issuer") != issuer.url:
        raise OAuth2Error("the issuer calls itself otherwise than BROADSHEET_SIGN_IN_WITH does")
    for name in (*NEEDED, "userinfo_endpoint"):
        address = facts.get(name)
        if address is None and name not in NEEDED:
            continue
        if not isinstance(address, str) or not _is_safe(issuer, address):
            raise OAuth2Error(f"the issuer's {name} is no address that can be asked")
    return facts


def _is_safe(issuer: Issuer, address: str) -> bool:
    """TLS, unless the issuer itself is a server on this machine."""
    parts = urlsplit(address)
    plain = issuer.url.startswith("http://") and parts.netloc == urlsplit(issuer.url).netloc
    return parts.scheme == "https" or plain


def tokens(issuer: Issuer, code: str, back: str, verifier: str) -> Facts:
    """What the issuer gives for a code (RFC 6749, 4.1.3; RFC 7636, 4.5). Raises OAuth2Error."""
    facts = configuration(issuer)
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back,
        "code_verifier": verifier,
    }
    headers = {}
    # Without a word about it an issuer takes the header (Discovery 1.0, section 3).
    if "client_secret_post" in facts.get("token_endpoint_auth_methods_supported", ()):
        form |= {"client_id": issuer.client, "client_secret": issuer.secret}
    else:
        headers["authorization"] = _basic(issuer)
    sent = urlencode(form).encode()
    try:
        answer = post(
            facts["token_endpoint"], sent, content_type="application/x-www-form-urlencoded",
            headers=headers, allow_hosts=(issuer.place,), limits=PATIENCE,
        )  # fmt: skip
    except FetchError as error:
        raise OAuth2Error(str(error)) from None
    return _json(answer)


def _basic(issuer: Issuer) -> str:
    """RFC 6749, 2.3.1: both are form-encoded first."""
    pair = f"{quote_plus(issuer.client)}:{quote_plus(issuer.secret)}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


def keys(issuer: Issuer) -> Facts:
    """The issuer's keys as they are now (RFC 7517, section 5). Raises OAuth2Error."""
    return _got(issuer, configuration(issuer)["jwks_uri"])


def person(issuer: Issuer, access_token: str) -> Facts:
    """What the issuer says of the person (Core 1.0, 5.3); {} when it has no such address. Raises
    OAuth2Error."""
    address = configuration(issuer).get("userinfo_endpoint")
    bearer = {"authorization": f"Bearer {access_token}"}
    return _got(issuer, address, bearer) if address else {}


def _got(issuer: Issuer, address: str, headers: Mapping[str, str] | None = None) -> Facts:
    asked = {"accept": "application/json", **(headers or {})}
    try:
        answer = fetch(address, headers=asked, allow_hosts=(issuer.place,), limits=PATIENCE)
    except FetchError as error:
        raise OAuth2Error(str(error)) from None
    return _json(answer)


def _json(answer: Fetched) -> Facts:
    """An object of an answer that is well; what a failed one says may hold a secret."""
    if answer.status != 200:
        raise OAuth2Error(f"the issuer answered {answer.status}")
    try:
        facts = json.loads(answer.body)
    except ValueError:
        facts = None
    if not isinstance(facts, dict):
        raise OAuth2Error("the issuer answered with something that is no JSON object")
    return facts
