"""Stores: on a database, and in memory."""
