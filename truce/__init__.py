"""The floor: words, memory and time. Imports nothing else of ours."""
