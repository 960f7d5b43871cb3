"""The memory: truces, events, forecasts, models, keys and imports. Nothing is ever overwritten; a change is a new row."""

from truce.store.keys import SCOPES
from truce.store.memory import Store, open_store

__all__ = ["SCOPES", "Store", "open_store"]
