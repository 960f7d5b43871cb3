"""One file per family: the only place that fits. scikit-learn and statsmodels live here."""
