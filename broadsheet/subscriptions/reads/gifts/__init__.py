"""Gift subscriptions as buyers, redeemers and the desk see them."""
