"""The publisher's screens: plans, subscriptions and money, mounted in Wagtail's admin."""
