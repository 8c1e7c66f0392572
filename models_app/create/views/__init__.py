"""Pages of Create model."""
