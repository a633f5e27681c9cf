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
        return tuple(self._resolve(self._node(path)).get("properties", ()))

    def values(self, path: TreePath) -> tuple[str, ...]:
        """The values that may stand here, where the schema lists them."""
        node = self._resolve(self._node(path))
        return tuple(str(value) for value in node.get("enum", [node["const"]] if "const" in node else []))

    def description(self, path: TreePath) -> str | None:
        """What the field here is for; None where only the values around it are described."""
        return self._node(path).get("description")

    def _node(self, path: TreePath) -> Node:
        node = self.schema
        for step in path:
            node = self._child(self._resolve(node), step)
        return node

    @staticmethod
    def _child(node: Node, step: str | int) -> Node:
        if isinstance(step, int):
            candidates = [node.get("items")]
        else:
            candidates = [node.get("properties", {}).get(step), node.get("additionalProperties")]
            candidates += node.get("patternProperties", {}).values()
        return next((child for child in candidates if isinstance(child, Mapping)), {})

    def _resolve(self, node: Node) -> Node:
        """Follow `$ref` and, for an optional field, the part that is not null."""
        for option in node.get("anyOf", []):
            if option.get("type") != "null":
                return self._resolve(option)
        if "$ref" in node:
            return self._resolve(self.schema["$defs"][node["$ref"].rsplit("/", 1)[-1]])
        return node
