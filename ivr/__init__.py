"""OneCall: a bank hotline in a box, on Asterisk."""
