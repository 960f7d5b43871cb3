"""Digests that name things by what they hold: the same content has the same name, wherever and whenever it is computed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields
from datetime import date, datetime
from functools import lru_cache
from json.encoder import encode_basestring as _quoted
from math import isfinite
from typing import Any

from truce.clock import write_moment
from truce.vocabulary import CODEBOOK, Event, Truce


def canonical(value: Any) -> str:
    """JSON with one spelling: sorted keys, no spaces, moments and days as they are written everywhere. NaN is refused."""
    return _ENCODER.encode(value)


def digest(value: Any) -> str:
    """SHA-256 of the canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


_YOUNGER: dict[str, object] = {"began_on": None, "truce_role": None, "ids": (), "coding": CODEBOOK}
"""Fields that facts stored earlier do not have: left out where they say nothing, so that no stored digest changes."""
_EVENT = tuple(field.name for field in fields(Event) if field.name != "retracted_at")
_TRUCE = tuple(field.name for field in fields(Truce))


def content_of(fact: Event | Truce) -> dict[str, Any]:
    """What a fact says, without what became of it later."""
    names = _EVENT if isinstance(fact, Event) else _TRUCE
    body = {name: getattr(fact, name) for name in names}
    for name, silent in _YOUNGER.items():
        if name in body and body[name] == silent:
            del body[name]
    return body


def digest_of(event: Event) -> str:
    """``digest(content_of(event))``, spelled out at once: a feed has a million of them."""
    return hashlib.sha256(_spelled(event).encode()).hexdigest()


def _spelled(event: Event) -> str:
    began = f'"began_on":{_moment(event.began_on)},' if event.began_on is not None else ""
    ids = f'"ids":{_list(event.ids)},' if event.ids else ""
    role = f'"truce_role":{_quoted(event.truce_role)},' if event.truce_role is not None else ""
    return (
        f'{{"actor":{_text(event.actor)},{began}"deaths":{_number(event.deaths)},"event_id":{_quoted(event.event_id)},'
        f'{ids}"iso3":{_list(event.iso3)},"known_at":{_moment(event.known_at)},"latitude":{_number(event.latitude)},'
        f'"longitude":{_number(event.longitude)},"modality":{_quoted(event.modality)},'
        f'"occurred_on":{_moment(event.occurred_on)},"secondary":{_text(event.secondary)},'
        f'"source":{_quoted(event.source)},"source_ref":{_text(event.source_ref)},"target":{_text(event.target)},'
        f'"topic":{_text(event.topic)},"truce_id":{_text(event.truce_id)},{role}"type":{_quoted(event.type)}}}'
    )


def _text(value: str | None) -> str:
    return "null" if value is None else _quoted(value)


def _number(value: float | None) -> str:
    if value is None:
        return "null"
    plain = type(value) is int or (type(value) is float and isfinite(value))
    return repr(value) if plain else canonical(value)


_list = lru_cache(maxsize=20_000)(canonical)
_moment = lru_cache(maxsize=20_000, typed=True)(canonical)


_REFERENCE_DIGITS = 12
_KEY = ("source", "source_ref", "type", "occurred_on", "actor", "target", "truce_id")


def natural_id(event: Event) -> str:
    """The id of an event that nobody gave one: who reported where that who did what to whom on which day.

    One report may tell of several events, so its reference alone is no key; without a reference it is all that the
    event says.
    """
    body = content_of(event)
    del body["event_id"]
    return digest({name: body[name] for name in _KEY} if event.source_ref else body)[:20]


def reference_of(day: date, text: str) -> str:
    """What ties a coded event to its text without repeating it: 12 hex digits of SHA-256 over date and text."""
    return hashlib.sha256(f"{day}|{text}".encode()).hexdigest()[:_REFERENCE_DIGITS]


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return write_moment(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no canonical spelling")


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_plain)
