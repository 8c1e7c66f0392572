"""A data folder of an earlier version, and the test that today's version opens it."""
