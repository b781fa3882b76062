"""What gate, wall and account page need to know."""

from broadsheet.subscriptions.reads.rights import entitlements, policy, rights

__all__ = ["entitlements", "policy", "rights"]
