"""The parts of AWS's container of this name that its examples import, for scripts on one host."""
