"""The voice of the customer: the book of what people did, the classifier, and the page that is read."""
