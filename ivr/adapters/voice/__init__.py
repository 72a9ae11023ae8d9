"""Voices: speech synthesisers for building recordings, one file each. No call ever waits for one."""
