"""One file per feed: an external record becomes an Event or a Truce, with its ``known_at``."""
