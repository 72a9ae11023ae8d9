"""What the preflight's rules (`ivr.centre.preflight`) look at, gathered.

files     configuration files, read by pyst2
running   the running Asterisk, asked through its console
gather    all of it, and the answer kept for a while
"""
