"""What the JSON Schema says about one path of the file: which fields, which values, what it means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from gateway.policy.language.schema import Policy
from gateway.policy.reading.yaml_tree import TreePath

Node = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Grammar:
    """A JSON Schema, walked by path."""

    schema: Node

    @classmethod
    @cache
    def of_policy(cls) -> Grammar:
        return cls(Policy.model_json_schema())

    def fields(self, path: TreePath) -> tuple[str, ...]:
        """The fields that may stand here."""
        return tuple(name for node in self._options(self._node(path)) for name in node.get("properties", ()))

    def values(self, path: TreePath) -> tuple[str, ...]:
        """The values that may stand here, where the schema lists them."""
        return tuple(str(value) for node in self._options(self._node(path)) for value in _listed(node))

    def description(self, path: TreePath) -> str | None:
        """What the field here is for; None where only the values around it are described."""
        return self._node(path).get("description")

    def _node(self, path: TreePath) -> Node:
        node = self.schema
        for step in path:
            children = (self._child(option, step) for option in self._options(node))
            node = next((child for child in children if child), {})
        return node

    @staticmethod
    def _child(node: Node, step: str | int) -> Node:
        if isinstance(step, int):
            candidates = [node.get("items")]
        else:
            candidates = [node.get("properties", {}).get(step), node.get("additionalProperties")]
            candidates += node.get("patternProperties", {}).values()
        return next((child for child in candidates if isinstance(child, Mapping)), {})

    def _options(self, node: Node) -> list[Node]:
        """What a node may be, other than null: `$ref` is followed, and a short form stands beside its long one."""
        if "anyOf" in node:
            return [one for option in node["anyOf"] if option.get("type") != "null" for one in self._options(option)]
        if "$ref" in node:
            return self._options(self.schema["$defs"][node["$ref"].rsplit("/", 1)[-1]])
        return [node]


def _listed(node: Node) -> list[Any]:
    return [node["const"]] if "const" in node else list(node.get("enum", ()))
