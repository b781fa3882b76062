"""Words that templates look up by a value: names of time zones as a paper prints them."""

from django.utils.translation import pgettext_lazy

ZONES = (
    pgettext_lazy("time zone", "WET"),
    pgettext_lazy("time zone", "WEST"),
    pgettext_lazy("time zone", "CET"),
    pgettext_lazy("time zone", "CEST"),
    pgettext_lazy("time zone", "EET"),
    pgettext_lazy("time zone", "EEST"),
)
"""Abbreviations (IANA tz database) that languages replace by their own; others stay."""
