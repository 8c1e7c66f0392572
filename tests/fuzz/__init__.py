"""Random tables, mutated real files and random bytes: each is read rightly, or refused in words."""
