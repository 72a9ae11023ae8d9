"""FastAGI: OneCall's own protocol, server and telephone line.

`encoder`, `environment` and `protocol` are bytes in, messages out; `connection` and `server` carry
them over asyncio; `line` is the engine's `Line` on top of one connection.
"""
