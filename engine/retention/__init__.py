"""What becomes of log events and metric data with age: merged into longer periods, archived, deleted."""
