"""What stands around the reports: the pages of errors, the wall, what the gate must know."""

import json
from collections.abc import Iterator
from dataclasses import replace

from django.urls import URLResolver, get_resolver

from broadsheet import __version__
from broadsheet.gate.crawlers import choice_text
from broadsheet.gate.policy import policy_text
from broadsheet.gate.pressed import Page, PressRun
from broadsheet.press import pages
from broadsheet.press.frame import Frame, authority_of, origin
from broadsheet.press.models import MachinesPolicy, Standing
from broadsheet.press.robots import robots
from broadsheet.press.wall import wall_fragments
from broadsheet.subscriptions.models import Institution, MeterPolicy


def keep_authority() -> None:
    """Reports keep the names they first had under an address that readers could reach."""
    if host := authority_of(origin()):
        Standing.objects.get_or_create(pk=1)
        Standing.objects.filter(pk=1, authority="").update(authority=host)


def press_frame(run: PressRun, frame: Frame) -> None:
    """The pages of errors, the wall, and what the gate must know of the paper."""
    for page in pages.error_pages(frame):
        run.put(page)
    press_wall(run, frame)
    press_networks(run)
    run.set_fact("origin", frame.paper.origin)
    run.set_fact("zone", frame.paper.zone)
    run.set_fact("hub", frame.hub)
    run.set_fact("version", __version__)
    run.set_fact("proxied", json.dumps(sorted(_newsroom_segments())))


def _newsroom_segments() -> set[str]:
    """The first path segments that Django answers; internal ones are nobody's business."""
    first = {route.strip("/").split("/")[0] for route in _routes(get_resolver())}
    return {segment for segment in first if segment and segment != "-"}


def _routes(resolver: URLResolver) -> Iterator[str]:
    """The patterns at the root, those of an include without a prefix among them."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver) and not str(pattern.pattern):
            yield from _routes(pattern)
        else:
            yield str(pattern.pattern)


def press_wall(run: PressRun, frame: Frame) -> None:
    """The wall's fragments and the meter's limits."""
    for name, html in wall_fragments(frame):
        run.put_fragment(name, html)
    run.set_fact("policy", policy_text(replace(MeterPolicy.current().rules(), turns=frame.turns)))


def press_networks(run: PressRun) -> None:
    """From where institutions' readers come."""
    known = Institution.objects.exclude(networks="")
    run.lend(lending for institution in known for lending in institution.lendings)


def press_machines(run: PressRun, frame: Frame) -> Page:
    """robots.txt, whose crawlers get whole reports, and the usage preference of every page."""
    policy = MachinesPolicy.current()
    run.set_fact("crawlers", choice_text(policy.choice))
    run.set_fact("usage", policy.usage * policy.usage_in_answers)
    text = robots(frame.paper.origin, policy.terms)
    page = pages.page_of("/robots.txt", text, content_type="text/plain")
    run.put(page)
    return page
