"""The ledger of orders: what can happen to one, how that is written down, and what it comes to."""
