"""How a text is read before anything is decided about it: its parts, its words, the names in it."""
