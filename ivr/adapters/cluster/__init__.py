"""Where nodes find each other: nowhere but in this process, or in Redis."""
