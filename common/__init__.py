"""What both sides of the wire share without knowing each other: how a row moves, how a page is nudged."""
