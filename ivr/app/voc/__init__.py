"""The voice of the customer: gathering a month, making its report, computing it again, and the book."""
