"""The command `ivr`: one module a command."""
