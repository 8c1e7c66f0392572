"""Background work: sending tasks, locks, limits on reading, the shared Redis client."""
