"""Card data encrypted at capture, for a bank that wants ciphertext instead of a gateway.

    sealer     the bank's public keys, and what is made with them
    payments   the Payments port that seals every card before anybody else sees it

The engine holds no private key: what it has sealed it cannot open again. The format is in
docs/secure-window.md.
"""
