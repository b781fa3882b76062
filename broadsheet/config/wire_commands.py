"""`broadsheet wire add|list|fetch|rotate|trust`."""

import argparse
import re
import time
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from broadsheet.desk import actions as desk
from broadsheet.desk.models import Rule, Section
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.press import actions as press
from broadsheet.press_log.gathering import gathered
from broadsheet.wire import actions as wire
from broadsheet.wire import pushes
from broadsheet.wire.models import Auth, Feed, Outcome
from broadsheet.wire.rules import feed_state, shown_location
from broadsheet.wire.transports.push import LOCATION as PUSHED

LONGEST_WAIT = timedelta(seconds=5)
LONGEST_PICTURES = 30.0
"""Seconds within which `wire fetch` waits for the pictures of what it took."""
LONGEST_TURN = timedelta(seconds=100)
"""How long `wire fetch` waits for the running server to finish fetching the same feed."""


STATES = {
    "ended": "ended by its server",
    "paused": "paused",
    "quiet": "strangely quiet",
    "never": "well",
    "well": "well",
}


def run(options: argparse.Namespace) -> int:
    """One verb. Raises Refusal for bad input; nothing is changed then."""
    if options.verb == "add":
        return _add(options)
    if options.verb == "list":
        return _list()
    if options.verb == "rotate":
        return _rotate(options.name)
    if options.verb == "trust":
        return _trust(options.name, options.fingerprint)
    return _fetch(options.name, options.started)


def hours_of(text: str) -> int | None:
    """The age limit in hours: "48h", "3d", "none" for no limit. Raises Refusal."""
    if text == "none":
        return None
    match = re.fullmatch(r"(\d{1,5})([hd])", text)
    if match is None:
        raise Refusal(f"--max-age is '{text}'.", "Give hours or days such as 48h or 3d, or none.")
    return int(match[1]) * (24 if match[2] == "d" else 1)


def _add(options: argparse.Namespace) -> int:
    hours = hours_of(options.max_age)
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,49}", options.name):
        raise Refusal(
            f"'{options.name}' is no name.", "Use a-z, 0-9 and hyphens, as in an address."
        )
    if options.zone not in available_timezones():
        raise Refusal(f"'{options.zone}' is no time zone.", "Give one such as Asia/Kolkata.")
    location = options.location
    if "://" not in location and not location.startswith(PUSHED):
        location = _folder(location)
    with transaction.atomic():
        feed = wire.add_feed(
            options.name, location, agency=options.source, format=options.format, zone=options.zone
        )
        feed.senders = "\n".join(options.sender)
        _sign_in(feed, options.auth, options.secret)
        section = _section(options.section) if options.section else None
        Rule.objects.create(
            name=f"{feed.name}: {'publish' if options.publish else 'hold'}",
            feed=feed,
            section=section,
            fallback=None if section else Section.objects.filter(title=None).first(),
            action="publish" if options.publish else "hold",
            max_age_hours=hours,
        )
    does = "published by itself" if options.publish else "held for the desk"
    print(f"Added {feed.name} ({feed.source.agency}); what it brings is {does}.")
    return _rotate(feed.name) if feed.is_pushed else 0


def _sign_in(feed: Feed, auth: str, secret: str) -> None:
    """`--auth basic:USER|bearer|header:NAME` with `--secret NAME`. Raises Refusal."""
    feed.auth, _, feed.auth_name = auth.partition(":")
    feed.secret = secret
    if feed.auth not in Auth.values or bool(feed.auth) != bool(secret):
        raise Refusal(
            f"--auth is '{auth}' and --secret '{secret}'.",
            "Give --auth basic:USER, bearer or header:NAME, and --secret, or neither.",
        )
    if secret and secret not in settings.ENV.secrets:
        raise Refusal(
            f"There is no secret '{secret}'.", f"Add '{secret} = …' to BROADSHEET_WIRE_SECRETS."
        )
    try:
        feed.full_clean()
    except ValidationError as error:
        raise Refusal(" ".join(error.messages), "Nothing was added.") from None
    feed.save()


def _trust(name: str, fingerprint: str) -> int:
    """Accept a host key from now on, in place of those before."""
    feed = _named(name)
    if not feed.location.startswith("sftp:"):
        raise Refusal(f"The feed '{name}' is not fetched by SFTP.", "It needs no host key.")
    if not re.fullmatch(r"SHA256:[A-Za-z0-9+/]{43}", fingerprint):
        raise Refusal(f"'{fingerprint}' is no fingerprint.", "Give it as the fetch shows it.")
    Feed.objects.filter(pk=feed.pk).update(host_key=fingerprint, next_at=clock.now())
    print(f"{name} trusts the host key {fingerprint} and no other.")
    return 0


def _rotate(name: str) -> int:
    """A new secret for a pushed feed, shown this once; the one before is void."""
    credentials = pushes.new_credentials(_named(name))
    print(f"Deliveries go to {credentials.address}")
    print(f"signed with {credentials.secret}")
    print("Note the secret now: it is not shown again. 'broadsheet wire rotate' makes another.")
    return 0


def _named(name: str) -> Feed:
    feed = Feed.objects.filter(name=name).first()
    if feed is None:
        raise Refusal(f"There is no feed '{name}'.", "See 'broadsheet wire list'.")
    return feed


def _folder(location: str) -> str:
    path = Path(location).absolute()
    if path.exists() and not path.is_dir():
        raise Refusal(f"{path} is a file.", "Give the folder that the files are put into.")
    if not path.exists():
        print(f"Note: the folder {path} is not there yet. Make it before the first fetch.")
    return str(path)


def _section(slug: str) -> Section:
    slug = slug.lower()
    section = Section.objects.filter(slug=slug, title=None).first()
    if section is None:
        section = Section(slug=slug, name=slug.replace("-", " ").capitalize())
        try:
            section.full_clean()
        except ValidationError as error:
            raise Refusal(" ".join(error.messages), "Nothing was added.") from None
        section.save()
    return section


def _list() -> int:
    feeds = Feed.objects.select_related("source").order_by("name")
    for feed in feeds:
        state = feed_state(
            feed.active, feed.problem, feed.failures, feed.fetched_at, feed.quiet_since
        )
        well = f"{feed.failures} failures in a row" if feed.failures else STATES[state]
        when = f"{feed.fetched_at:%Y-%m-%d %H:%M} UTC" if feed.fetched_at else "never fetched"
        where = shown_location(feed.location)
        print(f"{feed.name}: {feed.source.agency}, {where} ({when}, {well})")
    if not feeds:
        print("No feeds yet. Add one: broadsheet wire add NAME LOCATION --publish --section SLUG")
    return 0


def _fetch(name: str, started: datetime) -> int:
    wanted = Feed.objects.filter(name=name) if name else Feed.objects.filter(active=True)
    feeds = list(wanted.order_by("pk"))
    if name and not feeds:
        raise Refusal(f"There is no feed '{name}'.", "See 'broadsheet wire list'.")
    if not feeds:
        raise Refusal("There is no feed yet.", "Add one with 'broadsheet wire add NAME LOCATION'.")
    failed = False
    with gathered():
        for feed in feeds:
            report = _with_what_the_server_took(_fetch_settled(feed), feed, started)
            print(wire.line(report), flush=True)
            for problem in report.problems:
                print(f"  {problem}")
            failed = failed or bool(report.problems and not report.fetched)
        desk.catch_up()
        desk.end_rights()
        desk.collect_pictures(within=LONGEST_PICTURES)
    press.catch_up()
    return 1 if failed else 0


def _with_what_the_server_took(report: wire.Report, feed: Feed, started: datetime) -> wire.Report:
    """The counts since this command began: a running server may have been a moment faster."""
    documents = feed.fetches.filter(outcome__in=[Outcome.TAKEN, Outcome.QUARANTINED])
    fetches = list(documents.filter(at__gte=started))
    if len(fetches) <= report.fetched:
        return report
    whole = wire.Report(feed.name)
    for fetch in fetches:
        wire.count(whole, fetch)
    return whole


def _fetch_settled(feed: Feed) -> wire.Report:
    """Fetch, and wait for files that are still being written, for a few seconds at most."""
    report = _fetch_in_turn(feed)
    deadline = clock.now() + LONGEST_WAIT
    while report.again_at is not None and report.again_at <= deadline:
        time.sleep(max(0.0, (report.again_at - clock.now()).total_seconds()) + 0.05)
        feed.refresh_from_db()
        report = wire.add_reports(report, _fetch_in_turn(feed))
    return report


def _fetch_in_turn(feed: Feed) -> wire.Report:
    """Fetch as soon as nobody else is fetching the feed. Raises FeedBusy after LONGEST_TURN."""
    deadline = clock.now() + LONGEST_TURN
    while True:
        try:
            return wire.fetch(feed)
        except wire.FeedBusy:
            if clock.now() > deadline:
                raise
        time.sleep(0.1)
        feed.refresh_from_db()
