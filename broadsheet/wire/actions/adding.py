"""A new feed and, when it is new, its source."""

from django.db import transaction
from django.utils.text import slugify

from broadsheet.kit.say import Refusal
from broadsheet.wire import formats
from broadsheet.wire.models import Feed, Source
from broadsheet.wire.transports import UnknownLocation, check


def add_feed(
    name: str, location: str, *, agency: str = "", format: str = "auto", zone: str = "UTC"
) -> Feed:
    """Make a feed and, when it is new, its source.

    Raises Refusal for what cannot be a feed's location, an unknown format, or a name that is taken.
    """
    try:
        check(location)
    except UnknownLocation as error:
        raise Refusal(str(error), "Nothing was added.") from None
    if format != "auto" and format not in formats.FORMATS:
        raise Refusal(f"'{format}' is no format.", f"Known: auto, {', '.join(formats.FORMATS)}.")
    if Feed.objects.filter(name=name).exists():
        raise Refusal(f"There is a feed '{name}' already.", "Choose another name.")
    with transaction.atomic():
        agency = agency or name.replace("-", " ").title()
        source, _ = Source.objects.get_or_create(
            name=_source_name(agency), defaults={"agency": agency, "zone": zone}
        )
        return Feed.objects.create(source=source, name=name, location=location, format=format)


def _source_name(agency: str) -> str:
    return slugify(agency, allow_unicode=False)[:50] or "wire"
