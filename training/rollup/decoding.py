"""Bytes as they come -> UTF-8 with one kind of line ending and a mark on each empty line, as a stream."""

from __future__ import annotations

import codecs
import io
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_PIECE = 1 << 20
_ENOUGH = 1 << 24
"""Bytes without an end of line: no feed has such lines."""
EMPTY = "\0"
"""Stands on an empty line, so that a reader of tables tells it from a row."""


class CleanText(io.RawIOBase):
    """A stream of UTF-8: what is none becomes U+FFFD, so that its row can be found; a lone carriage return ends no line."""

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__()
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")(errors="replace")
        self._ready = b""
        self._held = ""
        self._over = False
        self._at_start = True

    def readable(self) -> bool:
        """It is."""
        return True

    def first_lines(self, count: int) -> list[str]:
        """The first lines, without their ends, of what is still to be read; empty ones are left out."""
        while not self._over and self._ready.count(b"\n") <= count and len(self._ready) < _ENOUGH:
            self._ready += self._piece()
        return [line for line in self._ready.decode().split("\n")[:count] if line.strip(f"{EMPTY} ")]

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill a buffer; 0 at the end."""
        while not self._ready and not self._over:
            self._ready = self._piece()
        view = memoryview(buffer)
        size = min(len(view), len(self._ready))
        view[:size], self._ready = self._ready[:size], self._ready[size:]
        return size

    def _piece(self) -> bytes:
        raw = self._stream.read(_PIECE)
        self._over = not raw
        text = self._held + self._decoder.decode(raw, final=self._over)
        self._held = "\r" if text.endswith("\r") and not self._over else ""
        text = text.removesuffix(self._held) if self._held else text
        text = text.replace("\r\n", "\n").replace("\r", " ")
        if self._at_start and text.startswith("\n"):
            text = EMPTY + text
        while "\n\n" in text:
            text = text.replace("\n\n", f"\n{EMPTY}\n")
        self._at_start = text.endswith("\n") if text else self._at_start
        return text.encode()
