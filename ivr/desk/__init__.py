"""The agent desk and the wallboard: server-rendered pages, in a process of their own.

The desk decides nothing. It asks the engine by the ports `Agents` and `Floor`, the bank by its own,
and reads what OneCall keeps; pages follow the floor by server-sent events.
"""
