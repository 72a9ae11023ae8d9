"""Campaigns: who may be called now and why not, how many at once, and what comes of a call."""
