"""What a set of announcements asks to be pressed, each thing once. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from broadsheet.press_log.models import Entry, Subject

FEED = re.compile(r"feed\.(rss|atom|json)$")


def month_at(path: str) -> date | None:
    """The month whose notices stand at an address, /corrections/<year>-<month>/; else None."""
    try:
        return datetime.strptime(path, "/corrections/%Y-%m/").replace(tzinfo=UTC).date()
    except ValueError:
        return None


@dataclass(slots=True)
class Plan:
    """Numbers of articles, pictures, readers and links, slugs of what has one, single things.

    `sections` are the places of fronts, of sections and titles alike: "world", "money/funds".
    """

    articles: set[int] = field(default_factory=set)
    sections: set[str] = field(default_factory=set)
    topics: set[str] = field(default_factory=set)
    authors: set[str] = field(default_factory=set)
    static: set[str] = field(default_factory=set)
    home: bool = False
    premium: bool = False
    premium_days: set[str] = field(default_factory=set)
    corrections: bool = False
    correction_months: set[date] = field(default_factory=set)
    wall: bool = False
    site: bool = False
    readers: set[int] = field(default_factory=set)
    pictures: set[int] = field(default_factory=set)
    networks: bool = False
    machines: bool = False
    links: set[int] = field(default_factory=set)

    def parts(self, most: int) -> list["Plan"]:
        """Itself, or several when it names more than `most` articles; the first has the rest."""
        numbers = sorted(self.articles)
        more = [numbers[at : at + most] for at in range(most, len(numbers), most)]
        first = replace(self, articles=set(numbers[:most]))
        return [first, *(Plan(articles=set(part)) for part in more)]

    def add_paths(self, paths: Iterable[str]) -> None:
        """Fronts at these addresses, or with these feeds: they point to an article that changed."""
        for path in {FEED.sub("", path) for path in paths}:
            if path == "/":
                self.home = True
            elif path == "/premium/":
                self.premium = True
            elif path.startswith("/premium/"):
                self.premium_days.add(path.split("/")[2])
            elif path.startswith("/topic/"):
                self.topics.add(path.split("/")[2])
            elif path.startswith("/author/"):
                self.authors.add(path.split("/")[2])
            elif path.startswith("/corrections/"):
                self.corrections = True
                self.correction_months |= set(filter(None, [month_at(path)]))
            elif path.endswith("/"):
                self.sections.add(path.strip("/"))


def plan_of(entries: Iterable[Entry]) -> Plan:
    """Gather the subjects of entries."""
    plan = Plan()
    for entry in entries:
        match entry.subject:
            case Subject.ARTICLE:
                plan.articles.add(int(entry.ref))
            case Subject.PICTURE:
                plan.pictures.add(int(entry.ref))
            case Subject.FRONT if entry.ref:
                plan.sections.add(entry.ref)
            case Subject.FRONT:
                plan.home = True
            case Subject.PAGE if entry.ref.startswith("/"):
                plan.add_paths([entry.ref])
            case Subject.PAGE if entry.ref == "corrections":
                plan.corrections = True
            case Subject.PAGE:
                plan.static.add(entry.ref)
            case Subject.READER:
                plan.readers.add(int(entry.ref))
            case Subject.INSTITUTION:
                plan.networks = True
            case Subject.MACHINES:
                plan.machines = True
            case Subject.LINK:
                plan.links.add(int(entry.ref))
            case Subject.WALL:
                plan.wall = True
            case _:
                plan.site = True
    return plan
