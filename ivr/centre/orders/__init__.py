"""Dictated orders: the form algorithm, limits, the read-back and its digest. Pure."""
