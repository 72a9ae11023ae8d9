"""Prompts: the texts, the recordings that serve them, and the builder that makes recordings."""
