"""The simulator: a telephone line on a virtual clock, with a scripted or a human caller."""
