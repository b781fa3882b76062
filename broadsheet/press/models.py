"""What the press remembers in the paper's database."""

from typing import Any, ClassVar, cast

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from broadsheet.desk.models import Article
from broadsheet.gate.crawlers import BY_NAME, Choice
from broadsheet.look.settings import Setting
from broadsheet.press.robots import Shut, Terms
from broadsheet.subscriptions.models.institutions import check_networks, lines_of


class Standing(models.Model):
    """The single row of the press: the origin its pages carry, and until when it looked ahead.

    `authority` is the host under which reports are named in feeds, kept when the origin moves;
    `hub_seen` the last change of the pressed store that was looked through for the hub.
    """

    origin = models.CharField(max_length=300, blank=True)
    authority = models.CharField(max_length=253, blank=True)
    looked_until = models.DateTimeField(null=True)
    hub_seen = models.BigIntegerField(default=0)


class FeedTopic(models.Model):
    """A feed as the WebSub hub knows it: the state it is to hear of, and when it is told next.

    `due_at` is None when it has heard, or when telling it was given up until the next change.
    """

    path = models.CharField(max_length=300, unique=True)
    etag = models.CharField(max_length=64, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True, db_index=True)
    told_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=300, blank=True)

    objects: ClassVar[models.Manager["FeedTopic"]] = models.Manager()

    def __str__(self) -> str:
        return self.path


class VisibleChange(models.Model):
    """What readers last saw of a report, as a fingerprint, and when that was something new.

    `at` is None for a report that has not changed since readers saw it first.
    """

    article = models.OneToOneField(
        Article, models.CASCADE, primary_key=True, related_name="visible_change"
    )
    fingerprint = models.CharField(max_length=64)
    at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager["VisibleChange"]] = models.Manager()


def networks_of(text: str) -> list[tuple[str, str]]:
    """Family and network of each line "googlebot 66.249.64.0/19".

    Raises ValidationError for the first line that is no such thing.
    """
    pairs = []
    for line in lines_of(text):
        family, _space, network = line.partition(" ")
        if family.lower() not in BY_NAME:
            words = _("'%(line)s' begins with no crawler's name. Known are: %(names)s.")
            raise ValidationError(words, params={"line": line, "names": ", ".join(BY_NAME)})
        check_networks(network.strip() or line)
        pairs.append((family.lower(), network.strip()))
    return pairs


def check_crawlers(text: str) -> None:
    """Raise ValidationError for the first line that is no crawler's network."""
    networks_of(text)


class MachinesPolicy(Setting):
    """What search engines' crawlers get, and what AI crawlers are asked."""

    SHUT: ClassVar[list[tuple[str, Any]]] = [
        ("nobody", _("no AI crawler")),
        ("training", _("those that train models")),
        ("all", _("all AI crawlers, those that answer readers too")),
    ]
    USAGE: ClassVar[list[tuple[str, Any]]] = [
        ("", _("say nothing")), ("y", _("yes")), ("n", _("no")),
    ]  # fmt: skip

    crawlers: Any = models.JSONField(
        _("whole reports for the crawlers of"), default=list, blank=True
    )
    crawlers_premium = models.BooleanField(
        _("premium reports too"), default=False,
        help_text=_("Otherwise crawlers get the teaser of a premium report, as everybody does."),
    )  # fmt: skip
    crawler_networks = models.TextField(
        _("networks of crawlers"), blank=True, validators=[check_crawlers],
        help_text=_(
            "One a line, as an engine publishes them: duckduckbot 20.191.45.212/32. Beside these"
            " networks only the DNS is believed, never what a crawler says of itself."
        ),
    )  # fmt: skip
    shut = models.CharField(
        _("robots.txt asks to stay away"), max_length=8, choices=SHUT, default="nobody"
    )
    licence = models.CharField(
        _("address of the licence"), max_length=300, blank=True,
        validators=[URLValidator(schemes=["http", "https"])],
        help_text=_("Of an RSL document. Stands in robots.txt as a License line."),
    )  # fmt: skip
    train = models.CharField(
        _("may be used to train AI models"), max_length=1, blank=True, choices=USAGE, default=""
    )
    search = models.CharField(
        _("may be used to find and link to the paper"), max_length=1, blank=True, choices=USAGE,
        default="",
    )  # fmt: skip
    usage_in_robots = models.BooleanField(_("say so in robots.txt"), default=True)
    usage_in_answers = models.BooleanField(
        _("say so with every page"), default=True,
        help_text=_("As the field Content-Usage, a draft of the IETF."),
    )  # fmt: skip

    class Meta:
        """Shown under Settings in the desk."""

        verbose_name = _("Machines")

    @property
    def choice(self) -> Choice:
        """What the gate goes by."""
        full = frozenset(self.crawlers) & frozenset(BY_NAME)
        return Choice(full, self.crawlers_premium, tuple(networks_of(self.crawler_networks)))

    @property
    def usage(self) -> str:
        """A usage preference (draft-ietf-aipref-vocab-07), "" when nothing is said."""
        said = (("train-ai", self.train), ("search", self.search))
        return ", ".join(f"{name}={value}" for name, value in said if value)

    @property
    def terms(self) -> Terms:
        """What robots.txt asks."""
        return Terms(cast(Shut, self.shut), self.licence, self.usage * self.usage_in_robots)
