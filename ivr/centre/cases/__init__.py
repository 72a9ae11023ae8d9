"""Cases: their clocks, what may be done to them, and what they come to."""
