"""The floor: the running dispatcher, agents at work, and those who ask for them."""
