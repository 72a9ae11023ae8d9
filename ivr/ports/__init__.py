"""What the engine needs of the world: one Protocol a port, with the commands that ask it."""
