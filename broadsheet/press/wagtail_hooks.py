"""Registers what the press asks of the publisher with Wagtail."""

from broadsheet.press.newsroom import machines

machines.register()
