"""Feeds over HTTP: asked for only when changed (RFC 9110, 13), left alone when told to."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from broadsheet.kit.fetch import Fetched, FetchError, Limits, fetch
from broadsheet.wire.transports import hints
from broadsheet.wire.transports.base import Arrival, Collected, Credential, FeedState

LIMITS = Limits()
LONGEST_TRUST_IN_304 = timedelta(hours=24)
LONGEST_RETRY_AFTER = timedelta(hours=24)

_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, "
    "application/json;q=0.9, text/xml;q=0.9, */*;q=0.5"
)
_ADVICE = {
    401: "it wants a name and password; set them for this source.",
    403: "it forbids the paper to read this feed; ask the agency for access.",
    404: "there is nothing at this address; check it, or ask the agency for the new one.",
    410: "the feed has ended for good; articles stay, ask the agency for a new address.",
    429: "it was asked too often; the feed is left alone for a while.",
}


def collect(
    location: str,
    state: FeedState,
    *,
    allow_hosts: Collection[str],
    now: datetime,
    credential: Credential | None = None,
) -> Collected:
    """Ask for the feed, with its validators when the last complete answer is under a day old.

    A body that is empty or an HTML page is an arrival like any other, but it is not remembered,
    so that a login page with an ETag cannot hide behind 304 afterwards.
    """
    state = state.at(location)
    try:
        answer = fetch(
            location,
            headers={"accept": _ACCEPT, **_validators(state, now), **_identity(credential)},
            allow_hosts=allow_hosts,
            limits=LIMITS,
        )
    except FetchError as problem:
        return Collected((), state, problem=str(problem))
    outcome = _judged(answer, state, now)
    pause = max(hints.fresh_for(answer.headers, now), outcome.state.ttl)
    return replace(
        outcome,
        moved_to=_moved_to(answer),
        hint=hints.until(pause, outcome.state.rest, now),
        status=answer.status,
        size=len(answer.body),
        links=answer.headers.get("link", ""),
    )


def _identity(credential: Credential | None) -> dict[str, str]:
    """Basic (RFC 7617), bearer (RFC 6750, 2.1), or a header the agency names.

    `kit.fetch` takes every header it does not know to be harmless for a secret, so these never
    follow a redirect to another host.
    """
    if credential is None:
        return {}
    if credential.kind == "basic":
        pair = f"{credential.name}:{credential.secret}".encode()
        return {"authorization": f"Basic {base64.b64encode(pair).decode('ascii')}"}
    if credential.kind == "bearer":
        return {"authorization": f"Bearer {credential.secret}"}
    return {credential.name.lower(): credential.secret}


def _validators(state: FeedState, now: datetime) -> dict[str, str]:
    if state.whole_at is None or not timedelta(0) <= now - state.whole_at < LONGEST_TRUST_IN_304:
        return {}
    validators = {"if-none-match": state.etag, "if-modified-since": state.last_modified}
    return {name: value for name, value in validators.items() if value}


def _judged(answer: Fetched, state: FeedState, now: datetime) -> Collected:
    if answer.status == 304 and _validators(state, now):
        return Collected((), replace(state, retry_after=None), unchanged=True)
    if 200 <= answer.status < 300:
        return _arrived(answer, state, now)
    return _failed(answer, state, now)


def _arrived(answer: Fetched, state: FeedState, now: datetime) -> Collected:
    digest = hashlib.sha256(answer.body).hexdigest()
    unchanged = digest in state.seen
    if _is_no_feed(answer.body):
        kept = replace(state, retry_after=None)
    else:
        kept = _remembered(answer, digest, state, now)
    if unchanged:
        return Collected((), kept, unchanged=True)
    content_type = answer.headers.get("content-type")
    arrival = Arrival(_name(answer.url), answer.body, content_type, answer.url, now)
    return Collected((arrival,), kept)


def _remembered(answer: Fetched, digest: str, state: FeedState, now: datetime) -> FeedState:
    return replace(
        state,
        etag=answer.headers.get("etag", ""),
        last_modified=answer.headers.get("last-modified", ""),
        whole_at=now,
        retry_after=None,
        ttl=hints.stated_pause(answer.body),
        rest=hints.stated_rest(answer.body),
        seen=frozenset({digest}),
    )


def _failed(answer: Fetched, state: FeedState, now: datetime) -> Collected:
    retry_after = _retry_after(answer.headers, now)
    return Collected(
        (),
        replace(state, retry_after=retry_after),
        not_before=retry_after,
        problem=_problem(answer),
        gone=answer.status == 410,
    )


def _problem(answer: Fetched) -> str:
    host = urlsplit(answer.url).hostname
    if answer.status >= 500:
        advice = "its server has a fault; the feed is tried again later."
    else:
        advice = _ADVICE.get(answer.status, "this is no feed; check the address.")
    return f"{host} answered {answer.status}: {advice}"


def _retry_after(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """Retry-After (RFC 9110, 10.2.3) in seconds or as a date, at most a day; None when unclear."""
    value = headers.get("retry-after", "").strip()
    latest = now + LONGEST_RETRY_AFTER
    if value.isascii() and value.isdigit():
        return min(now + timedelta(seconds=min(int(value[:9]), 10**8)), latest)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(aware, latest) if aware > now else None


def _is_no_feed(body: bytes) -> bool:
    start = body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return not start or start.startswith((b"<!doctype html", b"<html"))


def _name(url: str) -> str:
    """Host and path: the query is left out because keys of the agency may stand in it."""
    parts = urlsplit(url)
    return f"{parts.hostname}{parts.path}"


def _moved_to(answer: Fetched) -> str:
    """The address a chain of permanent redirects (301, 308) ends at; "" for any other chain."""
    statuses = {status for status, _ in answer.redirects}
    return answer.url if statuses and statuses <= {301, 308} else ""
