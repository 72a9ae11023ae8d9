"""HTTP: one room for speaking with other systems, and for being spoken to.

Ports are Protocols; what a port's methods take and return is what goes over the wire, and what the
published document says: nothing is written twice.
"""
