"""Which ad stands in which slot."""

from broadsheet.ads.models import AdSlot, HouseAd
from broadsheet.look.parts import AdView


def ads() -> dict[str, AdView | None]:
    """The first live ad of every slot, None where there is none."""
    found: dict[str, AdView | None] = dict.fromkeys(AdSlot.values)
    for ad in HouseAd.objects.filter(live=True).order_by("-order", "-id"):
        found[ad.slot] = AdView(ad.slot, ad.headline, ad.text, ad.link_text, ad.url)
    return found
