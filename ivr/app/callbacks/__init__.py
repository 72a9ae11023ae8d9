"""The calls that the bank begins: promised, begun once at a time, and told apart from all others."""
