"""Background work: sending tasks, locks, work that reads tables."""
