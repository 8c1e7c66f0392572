"""Framework images: whose script runs in which Python environment."""
