"""Statistics that libraries do better, of the extra `reports`; loaded only when something is reported."""
