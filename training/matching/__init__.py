"""The same truce from two sources: the score of a pair, the matches, and the pairs that a person has to look at."""
