"""The app's place in Django."""

from django.apps import AppConfig


class SubscriptionsConfig(AppConfig):
    """Labels match the folders of the house."""

    name = "broadsheet.subscriptions"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Guard the accounts that a gateway still charges."""
        from broadsheet.subscriptions import listening

        listening.connect()
