"""The survey report as people read it: sections of words and tables, on a terminal or on a page."""
