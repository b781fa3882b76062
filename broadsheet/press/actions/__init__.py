"""Whatever the press does that touches two models, a transaction or its store."""

from broadsheet.press.actions.announcing import announce_due, set_origin
from broadsheet.press.actions.pressing import catch_up, press_everything, press_now

__all__ = ["announce_due", "catch_up", "press_everything", "press_now", "set_origin"]
