"""Logs as JSON lines on stderr. Only what is named here goes in: no header, no query, no body."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any

ACCESS, FAULTS, HOOKS = "trucecast.access", "trucecast.faults", "trucecast.webhooks"


class JsonLines(logging.Formatter):
    """One JSON object a record; a request's own fields stand beside the time, not inside a text."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        body: dict[str, Any] = {"at": at, "level": record.levelname.lower(), "logger": record.name}
        if record.name == ACCESS:
            body |= json.loads(record.getMessage())
        else:
            body["message"] = record.getMessage()
        if record.exc_info:
            body["trace"] = self.formatException(record.exc_info)
        return json.dumps(body, ensure_ascii=True)


_OURS = {"handlers": ["stderr"], "level": "INFO", "propagate": False}
CONFIG: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"lines": {"()": "service.logs.JsonLines"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "loggers": {ACCESS: _OURS, FAULTS: _OURS, HOOKS: _OURS, "uvicorn": _OURS},
}
"""For ``logging.config.dictConfig``."""
