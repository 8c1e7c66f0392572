"""Compare: several models or training jobs beside a baseline; which is better, beyond chance, and what differs."""
