"""All that the paper holds about one reader (GDPR, articles 15 and 20; India's DPDP Act, s. 11)."""

from broadsheet.subscriptions.reads.export.excused import EXCUSED
from broadsheet.subscriptions.reads.export.groups import GROUPS
from broadsheet.subscriptions.reads.export.kind import Kind, Row
from broadsheet.subscriptions.reads.export.money import MONEY
from broadsheet.subscriptions.reads.export.person import PERSON
from broadsheet.subscriptions.reads.export.reading import READING

KINDS = PERSON + READING + MONEY + GROUPS

__all__ = ["EXCUSED", "KINDS", "Kind", "Row"]
