"""Registers the staff policy under Settings in the desk."""

from wagtail.contrib.settings.registry import registry

from broadsheet.accounts.models import StaffPolicy

registry.register(StaffPolicy, icon="key")
