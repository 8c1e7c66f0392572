"""What both sides of the wire share without knowing each other.

The modules here run without Django: problems and their translation. `common.db` is the half that needs Django.
"""
