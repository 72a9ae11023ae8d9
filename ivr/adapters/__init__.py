"""The world: one folder a technology, none of which knows another."""
