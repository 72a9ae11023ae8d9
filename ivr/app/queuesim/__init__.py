"""The simulation of queues: the dispatcher of live calls, with simulated people, in virtual time."""
