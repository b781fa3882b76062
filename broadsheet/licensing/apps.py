"""The app's place in Django."""

from django.apps import AppConfig


class LicensingConfig(AppConfig):
    """Labels match the folders of the house."""

    name = "broadsheet.licensing"
    default_auto_field = "django.db.models.BigAutoField"
