"""Where the calls are kept that the bank has promised."""
