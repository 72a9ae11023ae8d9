"""Values: what the rest of the house talks about. Imports nothing of ours."""
