"""Renames the objects of a store that an earlier version left, whose keys were its names, to encoded names."""
