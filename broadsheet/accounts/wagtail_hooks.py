"""Registers what the publisher decides about accounts under Settings in the desk."""

from wagtail.contrib.settings.registry import registry

from broadsheet.accounts.models import ConsentPolicy, ReaderPolicy, StaffPolicy

registry.register(StaffPolicy, icon="key")
registry.register(ReaderPolicy, icon="user")
registry.register(ConsentPolicy, icon="check")
