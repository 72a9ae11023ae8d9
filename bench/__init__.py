"""Figures beside peers, in one run: `python -m bench` (`make bench`).

    wire         what a menu call looks like on the wire, for every engine the same
    engines      OneCall and its peers, each a process that listens for FastAGI
    peer         a synthetic Asterisk that answers at once, in its own process
    synthetic    engines in turn against it: sessions and commands a CPU second, memory a session
    telephone    callers over UDP: INVITE, RTP, RFC 4733 keys
    live         the same menu on a real Asterisk, beside native dialplan
    report       medians, targets, tables, JSON

CPU is the kernel's account of a process, not wall time. What is measured and why is in
docs/benchmarks.md.
"""
