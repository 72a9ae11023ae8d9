"""What operators see of a running engine: its log lines, its figures, its traces.

Nothing here holds what a caller said or keyed, a number or a name: labels are names from flows, queues
and lists of ours, so their number is bounded.
"""
