"""Several engine nodes: which of them leads, and how the others reach it."""
