"""News bullets labelled by hand: where each stands in the feed, the hash of its date and text, and its labels; never the text."""
