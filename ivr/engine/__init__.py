"""The interpreter that walks a flow, and the drivers that answer its commands. No I/O."""
