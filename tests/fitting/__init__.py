"""The fitters: parity with the libraries, and what they do with thin data."""
