"""The app's place in Django."""

from django.apps import AppConfig


class SubscriptionsConfig(AppConfig):
    """Labels match the folders of the house."""

    name = "broadsheet.subscriptions"
    default_auto_field = "django.db.models.BigAutoField"
