"""The rules of breakdown, one readable file each; ``truce.breakdown`` reads and applies them.

A rule never changes once it has a name; a better one gets the next number. A file says in one sentence what counts as a
breakdown, and in one section by which kind of evidence: ``[coded]`` (the end that a register coded), ``[fighting]`` (deaths
between the parties) or ``[statement]`` (somebody declares it over). ``other_ends`` names the registers whose expired and
superseded ends compete with it.
"""
