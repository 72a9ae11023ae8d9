"""The voice of the customer: collect what is said, classify it, merge what is one matter, feed it back."""
