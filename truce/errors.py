"""Every refusal we speak, as one tree; each carries the code that users' programs hold on to.

TrucecastError
├── BadInput            a value that cannot be read or makes no sense
│   ├── OutOfRange      an as-of date or horizon outside what can be asked
│   ├── WrongMedia      a body of a media type that is not read here
│   └── WrongFile       a file that is not what its name or source promised
├── Unknown             nothing here has that id
├── Refused             a truthful "don't know" for this truce
├── Clash               the same id with other content
├── Denied              no key, a wrong key, or a key without the scope
├── TooMany             too many requests in too short a time
├── NoModel             nothing has been promoted yet
├── Stale               no source of events has reported for so long that nothing can be said of now
├── FeedTrouble         the server of a feed cannot be reached, or says what it should not
└── StoreTrouble        the database is missing, older than the code, locked or full
"""

from __future__ import annotations


class TrucecastError(Exception):
    """A failure said in one line that names the cure. ``code`` is stable; ``detail`` is for people."""

    code = "error"

    def __init__(self, detail: str, *, code: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        if code is not None:
            self.code = code


class BadInput(TrucecastError):
    """A value that cannot be read or makes no sense."""

    code = "bad_input"


class OutOfRange(BadInput):
    """An as-of date or a horizon outside what can be asked."""

    code = "out_of_range"


class WrongMedia(BadInput):
    """A body of a media type that is not read here."""

    code = "wrong_media"


class WrongFile(BadInput):
    """A file that is not what its name or source promised."""

    code = "wrong_file"


class Unknown(TrucecastError):
    """Nothing here has that id."""

    code = "unknown"


class Refused(TrucecastError):
    """A truthful "don't know" for this truce."""

    code = "refused"


class Clash(TrucecastError):
    """The same id arrives with other content."""

    code = "clash"


class Denied(TrucecastError):
    """No key, a wrong key, or a key without the scope."""

    code = "denied"


class TooMany(TrucecastError):
    """Too many requests in too short a time; ``retry_in`` seconds later the next one passes."""

    code = "rate_limited"

    def __init__(self, detail: str, *, retry_in: int) -> None:
        super().__init__(detail)
        self.retry_in = retry_in


class NoModel(TrucecastError):
    """There is no model to answer with: nothing has been promoted yet, or what was promoted says no numbers."""

    code = "no_model"


class Stale(TrucecastError):
    """No source of events has reported for so long that nothing can be said of now."""

    code = "stale"


class FeedTrouble(TrucecastError):
    """The server of a feed cannot be reached, or says what it should not; what came before that is kept."""

    code = "feed_trouble"


class StoreTrouble(TrucecastError):
    """The database is missing, older than the code, locked or full."""

    code = "store_trouble"
