"""Registers the seller's particulars with Wagtail."""

from wagtail.contrib.settings.registry import registry

from broadsheet.ledger.models import Seller

registry.register(Seller, icon="site")
