"""From files to counted rows: every wrapping and spelling that feeds come in, before anyone knows what a row means."""
