"""Big feeds: one expression that filters and rolls them up, on DuckDB or on an engine that a user runs already."""
