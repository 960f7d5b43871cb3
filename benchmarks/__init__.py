"""Side by side with the peers, in one run: raw figures and ratios, never a verdict."""
