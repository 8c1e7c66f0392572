"""Two machines under load, one after the other restarted, one lost, the database failed over: see `__main__`."""
