"""The app's place in Django."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Labels match the folders of the house."""

    name = "broadsheet.ledger"
    default_auto_field = "django.db.models.BigAutoField"
