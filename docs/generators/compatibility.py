"""What may change in a published event: optional fields may be added, and nothing else.

Whoever reads the log has events of all times before it, and whoever is not yet upgraded has events of newer
producers: both directions must work. So a wider value is as incompatible as a narrower one.
"""

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]

# What only explains, and what is compared part by part.
ANNOTATIONS = {"title", "description", "examples", "$defs", "$id", "$schema"}
NESTED = {"properties", "required", "items", "additionalProperties", "anyOf"}


def compatible(old: Schema, new: Schema) -> list[str]:
    """Return what keeps the new schema from taking the old one's place; an empty list when nothing does."""
    return list(_differences(_inlined(old, old), _inlined(new, new), ""))


def next_version(type_: str) -> str:
    """`booking.appointment-booked.v1` → `booking.appointment-booked.v2`."""
    name, _, number = type_.rpartition(".v")
    return f"{name}.v{int(number) + 1}"


def refusal(type_: str, problems: list[str]) -> str:
    """Say what is wrong with a changed event and what to do instead."""
    changes = "; ".join(problems)
    return f"{type_} has changed: {changes}. Leave it as it was and publish {next_version(type_)} beside it."


def _inlined(part: Any, root: Schema) -> Any:  # noqa: ANN401  any JSON
    """Put definitions where they are referred to, so that only meaning is compared."""
    if isinstance(part, list):
        return [_inlined(item, root) for item in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        definition = root["$defs"][part["$ref"].rpartition("/")[2]]
        part = {**definition, **{key: value for key, value in part.items() if key != "$ref"}}
    return {key: _inlined(value, root) for key, value in part.items() if key != "$defs"}


def _differences(old: Any, new: Any, where: str) -> Iterator[str]:  # noqa: ANN401  any JSON
    if not isinstance(old, dict) or not isinstance(new, dict):
        if old != new:
            yield f"{where or 'the body'} was {old} and is {new}"
        return
    for keyword in sorted((old.keys() | new.keys()) - ANNOTATIONS - NESTED):
        if old.get(keyword) != new.get(keyword):
            yield f"{where or 'the body'}: {keyword} was {old.get(keyword)} and is {new.get(keyword)}"
    yield from _of_fields(old, new, where)
    for keyword in ("items", "additionalProperties"):
        yield from _differences(old.get(keyword), new.get(keyword), f"{where}[]")
    alternatives = old.get("anyOf", []), new.get("anyOf", [])
    if len(alternatives[0]) != len(alternatives[1]):
        yield f"{where} had {len(alternatives[0])} alternatives and has {len(alternatives[1])}"
    for before, after in zip(*alternatives, strict=False):
        yield from _differences(before, after, where)


def _of_fields(old: Schema, new: Schema, where: str) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    needed_before, needed_after = set(old.get("required", ())), set(new.get("required", ()))
    for name in sorted(before.keys() | after.keys()):
        path = f"{where}.{name}" if where else name
        if name not in after:
            yield f"{path} was removed"
        elif name not in before:
            if name in needed_after:
                yield f"{path} is new and required"
        else:
            if name in needed_after - needed_before:
                yield f"{path} was optional and is required"
            if name in needed_before - needed_after:
                yield f"{path} was required and is optional"
            yield from _differences(before[name], after[name], path)
