"""Payments by phone, as far as they need no world: what is asked for, and how it is taken."""
