"""Campaigns: calls that the bank begins by list, while an engine runs."""
