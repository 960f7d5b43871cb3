"""The window: the prediction API over HTTP."""
