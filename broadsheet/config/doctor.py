"""`broadsheet doctor`: sentences about what is in force and what is wrong, each with its remedy."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import timedelta
from typing import TextIO

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from broadsheet import __version__
from broadsheet.accounts.models import Mail, User
from broadsheet.accounts.reads import staff_policy, staff_without_second_factor
from broadsheet.config import doctor_gateway, doctor_partners
from broadsheet.config.findings import Finding
from broadsheet.desk.models import Paper, Section, StaticPage
from broadsheet.gate.clients import noted_doubts
from broadsheet.gate.tally_state import tally_state
from broadsheet.kit import clock
from broadsheet.kit.env import PREFIX, Env
from broadsheet.kit.say import Refusal
from broadsheet.ledger import gateways
from broadsheet.ledger.models import Audit, Event, Journal
from broadsheet.press import reads as press
from broadsheet.press.frame import origin
from broadsheet.press.models import FeedTopic
from broadsheet.subscriptions.models import Checkout, Plan, Subscription
from broadsheet.subscriptions.reads import policy
from broadsheet.wire import checks
from broadsheet.wire.models import Feed, Fetch, Outcome
from broadsheet.wire.rhythm import is_believed
from broadsheet.wire.rules import shown_location

FAILING = 3


def examine(out: TextIO) -> int:
    """Print all findings; returns 1 when something is wrong."""
    out.write(f"Broadsheet {__version__}, paper in {settings.HOME}\n")
    findings = list(_all())
    for finding in findings:
        mark = "!!" if finding.wrong else "ok"
        out.write(f"  {mark}  {finding.text}\n")
        if finding.remedy:
            out.write(f"      {finding.remedy}\n")
    wrong = sum(finding.wrong for finding in findings)
    out.write("Nothing is wrong.\n" if not wrong else f"{wrong} to look after.\n")
    return 1 if wrong else 0


def _all() -> Iterator[Finding]:
    yield from _settings()
    yield _database()
    yield from _tally()
    if not _migrated():
        yield Finding("The database is older than this version.", True, "Run 'broadsheet migrate'.")
        return
    if not Paper.objects.exists():
        yield Finding("There is no paper yet.", True, "Run 'broadsheet init DIR'.")
        return
    yield from _paper()
    yield from _wires()
    yield from _selling()
    yield _pressed()
    yield from _hub()
    yield from _people()
    yield _second_factor()


def _settings() -> Iterator[Finding]:
    for one in fields(Env):
        value = getattr(settings.ENV, one.name)
        shown = "(set, not shown)" if one.metadata["secret"] and value else value
        if value not in ("", one.default):
            yield Finding(f"{PREFIX}{one.name.upper()} is {shown}.")
    if settings.ORIGIN and not settings.HTTPS and "localhost" not in settings.ORIGIN:
        yield Finding(
            f"{settings.ORIGIN} is not https: cookies are not protected on their way.",
            True,
            "Put a TLS proxy in front and set BROADSHEET_URL to the https address.",
        )
    yield from _proxies()


def _proxies() -> Iterator[Finding]:
    doubts = noted_doubts(settings.HOME)
    if "private" in doubts:
        yield Finding(
            "A proxy on this machine or network names its readers, and is not believed: all of them"
            " count as the proxy; institutions and the budget of networks do not work.",
            True,
            "Set BROADSHEET_TRUSTED_PROXIES to the proxy's network, such as 127.0.0.1/32.",
        )
    elif settings.HTTPS and not settings.ENV.trusted_proxies:
        yield Finding(
            "No proxy is trusted: behind one, all readers share its address and sign-in limits.",
            True,
            "Set BROADSHEET_TRUSTED_PROXIES to the network of the TLS proxy.",
        )
    if "public" in doubts:
        yield Finding(
            "Forwarded addresses come from public addresses that nobody trusts. If that is your"
            " CDN or proxy, all of its readers share one budget of free reads and one address.",
            True,
            "Add its networks to BROADSHEET_TRUSTED_PROXIES. If it is not yours, somebody makes"
            " them up, and nothing need be done.",
        )


def _database() -> Finding:
    if connection.vendor == "sqlite":
        return Finding("Database: SQLite in the home folder; one machine, one paper.")
    return Finding(f"Database: {connection.vendor}, {connection.settings_dict['NAME']}.")


def _tally() -> Iterator[Finding]:
    env = settings.ENV
    if not env.meter_url:
        yield Finding("Free reading is counted in the memory of the one gate, and in its journal.")
        return
    state = tally_state(env.meter_url)
    if state.problem:
        yield Finding(
            f"The tally of free reading cannot be asked: {state.problem}", True,
            "Start the server, or correct BROADSHEET_METER_URL. Metered articles are closed.",
        )  # fmt: skip
        return
    number = "One gate counts" if env.gates == 1 else f"{env.gates} gates count"
    yield Finding(f"{number} free reading in {state.name}.")
    if state.evicts:
        yield Finding(
            f"The tally forgets reads when its memory is full ({state.evicts}).", True,
            "Give it a server of its own with 'maxmemory-policy noeviction'.",
        )  # fmt: skip
    if not state.keeps:
        yield Finding(
            "The tally writes no append-only file: started again it has lost every read, and"
            " metered articles close until the gates have read the journal.", True,
            "Set 'appendonly yes' on the server.",
        )  # fmt: skip


def _migrated() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _paper() -> Iterator[Finding]:
    paper, meter = Paper.load(), policy()
    yield Finding(f"'{paper.name}' in {paper.get_language_display()}, zone {paper.time_zone}.")
    yield Finding(f"Links, feeds and mail carry {origin()}.")
    yield Finding(
        f"Free articles a month: {meter.free_anonymous} without an account,"
        f" {meter.free_registered} with one."
    )
    if meter.free_registered < meter.free_anonymous:
        yield Finding(
            "Registered readers get fewer free articles than anonymous ones.", True,
            "Change it in the desk under Settings, Meter and wall.",
        )  # fmt: skip
    if not Section.objects.exists():
        yield Finding("There is no section.", True, "Add one in the desk under The paper.")
    for slug in ("imprint", "privacy"):
        if not StaticPage.objects.filter(slug=slug).exists():
            yield Finding(f"There is no {slug} page.", True, "Write it in the desk: The paper.")


def _wires() -> Iterator[Finding]:
    feeds = list(Feed.objects.order_by("name"))
    if not feeds:
        yield Finding(
            "No feed brings news.",
            remedy="Add one: broadsheet wire add NAME LOCATION --publish --section SLUG",
        )
    for feed in feeds:
        yield from _feed(feed)
    for text, remedy in checks.complaints():
        yield Finding(text, True, remedy)
    waiting = Fetch.objects.filter(outcome=Outcome.QUARANTINED).count()
    if waiting:
        yield Finding(
            f"{waiting} documents wait in quarantine.", True, "See Quarantine in the desk."
        )


def _feed(feed: Feed) -> Iterator[Finding]:
    if feed.failures >= FAILING:
        text = f"Feed {feed.name} failed {feed.failures} times in a row: {feed.problem}"
        yield Finding(text, True, "Try 'broadsheet wire fetch' and look at Feeds in the desk.")
    elif feed.active and feed.quiet_since:
        text = f"Feed {feed.name} has gone strangely quiet: nothing new since {_day(feed)}."
        yield Finding(text, True, "Look at the agency's own pages, and ask it.")
    if not feed.active and feed.problem:
        text = f"Feed {feed.name} is paused: {feed.problem}"
        yield Finding(text, True, "Give it its new address in the desk, or pause it yourself.")
    if is_believed(feed.moved_seen, feed.moved_since, clock.now()):
        where = shown_location(feed.moved_to)
        yield Finding(f"Feed {feed.name} has moved to {where} for good.", True,
                      "Take the new address over in the desk, under Feeds.")  # fmt: skip
    if feed.auth and feed.secret not in settings.ENV.secrets:
        text = f"Feed {feed.name} signs in with the secret '{feed.secret}', which is not set."
        yield Finding(text, True, f"Add '{feed.secret} = …' to BROADSHEET_WIRE_SECRETS.")


def _day(feed: Feed) -> str:
    return f"{feed.published_at:%Y-%m-%d %H:%M} UTC" if feed.published_at else "it was added"


def _selling() -> Iterator[Finding]:
    on_sale, demo = Plan.objects.filter(on_sale=True).count(), Paper.load().demo
    connected = settings.ENV.payments_url
    if on_sale and not connected and not demo:
        yield Finding(
            f"{on_sale} plans are on sale and nobody can pay: no gateway is connected.", True,
            "Set BROADSHEET_PAYMENTS_URL, or take the plans off sale in the desk.",
        )  # fmt: skip
    elif on_sale:
        live = Subscription.objects.live().count()
        yield Finding(f"{on_sale} plans are on sale; {live} subscriptions are live.")
    if connected:
        yield _gateway(demo)
    if refused := Checkout.objects.exclude(problem="").count():
        text = f"{refused} payments did not fit what was agreed, and were not booked."
        yield Finding(text, True, "See the gateway log in the desk, under Readers.")
    yield from _books()
    yield from doctor_gateway.care()
    yield from doctor_partners.pools()
    late = clock.now() - timedelta(minutes=15)
    if untaken := Event.objects.filter(taken_at=None, received_at__lt=late).count():
        text = f"{untaken} webhooks wait: the gateway does not answer what they are about."
        yield Finding(text, True, "Is the worker running, and the gateway reachable?")


def _gateway(demo: bool) -> Finding:
    try:
        said = gateways.described()
    except Refusal as refusal:
        return Finding(refusal.problem, True, refusal.remedy)
    moves_none = settings.ENV.payments_url.startswith("fakepay:") or "test mode" in said
    if moves_none and not demo:
        text = f"The gateway moves no money: {said}."
        return Finding(text, True, "Connect a real one, in live mode, before you sell.")
    return Finding(f"The gateway is {said}.")


def _books() -> Iterator[Finding]:
    last = Audit.objects.exclude(ended_at=None).first()
    if last is not None and last.problems:
        text = f"The books do not agree: {last.problems} problems on {last.day}."
        yield Finding(text, True, "Run 'broadsheet check_ledger': each problem has its remedy.")
    # The demo's past is made at once, before any worker ran.
    past = Journal.objects.none() if Paper.load().demo else Journal.objects.order_by("at")
    since = last.ended_at if last else past.values_list("at", flat=True).first()
    if since is not None and since < clock.now() - timedelta(days=2):
        text = f"The books were not checked, and no day was closed, since {since:%Y-%m-%d}."
        yield Finding(text, True, "Is the worker running? It does both by itself.")


def _pressed() -> Finding:
    late = press.late()
    if late:
        return Finding(
            f"{late} public changes are not pressed yet.", True,
            "Is the worker running? 'broadsheet press' presses everything now.",
        )  # fmt: skip
    return Finding("Every public change is on the pages.")


def _hub() -> Iterator[Finding]:
    deaf = FeedTopic.objects.exclude(problem="").first()
    if settings.WEBSUB_HUB and deaf is not None:
        yield Finding(
            f"{settings.WEBSUB_HUB} was not told that {deaf.path} changed: {deaf.problem}", True,
            "Check BROADSHEET_WEBSUB_HUB. It is tried again and again.",
        )  # fmt: skip


def _people() -> Iterator[Finding]:
    if not User.objects.filter(is_superuser=True).exists():
        yield Finding(
            "Nobody can sign in as publisher.", True, "Run 'broadsheet staff EMAIL --publisher'."
        )
    waiting = Mail.objects.filter(sent_at=None).count()
    if not settings.ENV.mail_url:
        yield Finding(
            f"No BROADSHEET_MAIL_URL: mail stays in the outbox ({waiting} waiting),"
            " sign-in codes included.",
            wrong=not Paper.load().demo,
            remedy="Set it to smtp+tls://user:password@host:587.",
        )
    elif stuck := Mail.objects.filter(sent_at=None).exclude(problem="").first():
        yield Finding(f"Mail is not leaving: {stuck.problem}", True, "Check BROADSHEET_MAIL_URL.")


def _second_factor() -> Finding:
    if not staff_policy().second_factor:
        return Finding(
            "Staff sign in to the desk without a second factor.",
            wrong=not Paper.load().demo,
            remedy="Require one in the desk under Settings, Staff sign-in.",
        )
    missing = staff_without_second_factor().count()
    if missing:
        number = "One of the staff has" if missing == 1 else f"{missing} of the staff have"
        return Finding(
            f"{number} no second factor yet: the desk is closed to them until they set one up.",
            remedy="They are led there when they open the desk.",
        )
    return Finding("Staff sign in to the desk with a second factor.")
