"""Drawings of flows: one file a format."""
