"""Pages of one reader: the price list, the way to the payment and back, the account."""
