"""Where campaigns are kept: their lists, what became of each call, and who wants no calls."""
