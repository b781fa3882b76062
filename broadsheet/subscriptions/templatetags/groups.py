"""Whether a reader has a group: every page of the account has the way to it."""

from django import template
from django.contrib.auth.models import AnonymousUser

from broadsheet.accounts.models import User
from broadsheet.subscriptions.reads.groups import has_group

register = template.Library()


@register.simple_tag
def in_a_group(reader: User | AnonymousUser) -> bool:
    """Whether the reader owns a group or has a seat in one."""
    return isinstance(reader, User) and has_group(reader)
