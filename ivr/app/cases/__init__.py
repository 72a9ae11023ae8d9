"""The book of cases as an engine and commands run it."""
