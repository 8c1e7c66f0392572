"""The half of `common` that needs Django: how a row moves, who works on it, how a page hears of it."""
