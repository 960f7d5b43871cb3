"""docs/api-reference.md, every route and shape of the API's description: ``python -m service.api_reference`` writes it."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from service.app import create_app
from truce.settings import Settings
from truce.terminal import say

PAGE = Path(__file__).resolve().parents[1] / "docs" / "api-reference.md"
Json = Mapping[str, Any]
_WORDS = re.compile(r"\^\(([a-z_|-]+)\)\$")
"""A pattern that only lists words."""

_HEAD = """# API reference

Every route and every shape, written by `make api-reference` from the description that the service gives at `/openapi.json`. How they are used,
with examples that are executed: [the API](api.md). Every answer may also be a refusal, `application/problem+json` ([Problem](#problem)).
"""
_SHAPES = """## Shapes

A field with a star must be sent, or is always there.
"""


def described() -> dict[str, Any]:
    """The description of the API as a home without settings serves it."""
    with tempfile.TemporaryDirectory() as folder:
        return create_app(Settings.from_environment(Path(folder), {})).openapi()


def page(description: Json) -> str:
    """The description as Markdown."""
    parts = [_HEAD]
    of_tag: dict[str, list[str]] = {}
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            of_tag.setdefault(operation["tags"][0], []).append(_route(method.upper(), path, operation))
    for tag, routes in of_tag.items():
        parts += [f"## {tag.capitalize()}\n", *routes]
    shapes = description["components"]["schemas"]
    parts += [_SHAPES, *(_shape(name, shapes[name]) for name in sorted(shapes))]
    return "\n".join(parts)


def _route(method: str, path: str, operation: Json) -> str:
    lines = [f"### {method} {path}\n", f"{operation['description'].strip()}\n"]
    facts = [*_bodies(operation), _answer(operation), *_key(operation)]
    lines += [*(f"- {fact}" for fact in facts), ""]
    asked = operation.get("parameters", [])
    if asked:
        rows = [
            (
                _name(one["name"], must=one["required"]),
                one["in"],
                kind(one["schema"]),
                _said(one) + _default(one["schema"]),
            )
            for one in asked
        ]
        lines.append(_table(("parameter", "in", "value", "what"), rows))
    return "\n".join(lines)


def _bodies(operation: Json) -> Iterator[str]:
    for media, body in operation.get("requestBody", {}).get("content", {}).items():
        yield f"body `{media}`: {kind(body.get('schema', {}))}"


def _answer(operation: Json) -> str:
    good = {code: answer for code, answer in operation["responses"].items() if code < "300"}
    told = [
        f"{code}"
        + "".join(f" `{media}` {kind(body.get('schema', {}))}" for media, body in answer.get("content", {}).items())
        for code, answer in good.items()
    ]
    refusals = ", ".join(sorted(set(operation["responses"]) - set(good)))
    return f"answers {'; '.join(told)}; refusals {refusals}"


def _key(operation: Json) -> Iterator[str]:
    if "security" in operation:
        yield "a key is needed for a part of it" if {} in operation["security"] else "a key is needed"


def _shape(name: str, shape: Json) -> str:
    head = f"### {name}\n\n" + (f"{_one_line(shape['description'])}\n\n" if shape.get("description") else "")
    if "properties" not in shape:
        return f"{head}{kind(shape)}\n"
    must = set(shape.get("required", ()))
    rows = [
        (_name(field, must=field in must), kind(value), _said(value)) for field, value in shape["properties"].items()
    ]
    return head + _table(("field", "value", "what"), rows)


def kind(schema: Json) -> str:
    """What a value may be, in words; references are links within the page."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(kind(one) for one in schema["anyOf"]))
    if "enum" in schema or "const" in schema:
        return " ".join(f"`{one}`" for one in schema.get("enum", [schema.get("const")]))
    if schema.get("type") == "array":
        return f"array of {kind(schema.get('items', {}))}"
    if (words := _WORDS.fullmatch(schema.get("pattern", ""))) is not None:
        return " ".join(f"`{word}`" for word in words[1].split("|"))
    return str(schema.get("type", "any")) + _bounds(schema)


def _bounds(schema: Json) -> str:
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    if low is None and high is None:
        return ""
    return f" {'' if low is None else low} to {'' if high is None else high}".rstrip()


def _name(name: str, *, must: bool) -> str:
    return f"`{name}`\\*" if must else f"`{name}`"


def _said(told: Json) -> str:
    return _one_line(str(told.get("description", "")))


def _default(schema: Json) -> str:
    return f" Default: `{json.dumps(schema['default'])}`." if schema.get("default") is not None else ""


def _one_line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(described()), encoding="utf-8")
    say(f"written: {PAGE}")


if __name__ == "__main__":
    main()
