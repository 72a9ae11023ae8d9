"""What came of asking every caller: coverage, scores, and whether agents choose who is asked."""
