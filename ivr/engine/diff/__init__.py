"""What is different between two sets of flows, and what the difference costs callers."""
