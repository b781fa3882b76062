"""The app's place in Django."""

from django.apps import AppConfig


class AdsConfig(AppConfig):
    """Labels match the folders of the house."""

    name = "broadsheet.ads"
    default_auto_field = "django.db.models.BigAutoField"
