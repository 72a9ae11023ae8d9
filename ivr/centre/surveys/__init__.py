"""Who is asked about the service: the coverage ledger's rows, decided from what happened in calls."""
