"""The Chronicle: truces coded case by case, coded news events, and the sourced events of the founding case.

Data files; ``reader`` says where they are, README.md what each holds, its version and its terms.
"""
