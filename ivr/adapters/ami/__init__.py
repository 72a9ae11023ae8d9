"""Asterisk's manager interface: a client that stands on panoramisk and on nothing else's trust."""
