"""`make lint`: a model's method is defined once in an addon.

Where one method has several definitions in an addon, the order of imports decides which runs first,
and nobody declares that order. So where several things must happen, one definition calls them by
name, in their order. Class attributes and fields are looked at likewise.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

# What a class says of itself, and what the guard collects from all classes of a model.
ALLOWED = {"_name", "_inherit", "_description", "_bounds", "_fixed_fields", "_guarded_fields"}
NOT_LOADED = {"tests", "migrations", "static"}


def override_findings(addons: Path) -> list[str]:
    """Second definitions in the addons of this folder: a line of text for each name."""
    found = []
    for addon in sorted(path.parent for path in addons.glob("*/__manifest__.py")):
        places = defaultdict(list)
        for path in sorted(addon.rglob("*.py")):
            if NOT_LOADED.isdisjoint(path.relative_to(addon).parts):
                for model, name, line in _definitions(ast.parse(path.read_text())):
                    places[model, name].append(f"{path.relative_to(addon.parent)}:{line}")
        found += [
            f"{addon.name}: {model}.{name} is defined more than once: {', '.join(where)}"
            for (model, name), where in sorted(places.items())
            if len(where) > 1
        ]
    return found


def _definitions(tree: ast.Module) -> Iterator[tuple[str, str, int]]:
    """What the classes of models define: model, name, number of the line."""
    for node in tree.body:
        model = isinstance(node, ast.ClassDef) and _model(node)
        for statement in node.body if model else ():
            if isinstance(statement, ast.FunctionDef):
                names = [statement.name]
            elif isinstance(statement, ast.Assign):
                names = [target.id for target in statement.targets if isinstance(target, ast.Name)]
            else:
                names = []
            for name in names:
                if name not in ALLOWED:
                    yield model, name, statement.lineno


def _model(node: ast.ClassDef) -> str | None:
    """The model that a class defines or extends; None for any other class."""
    said = {
        statement.targets[0].id: statement.value
        for statement in node.body
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)
    }
    value = said.get("_name") or said.get("_inherit")
    if isinstance(value, ast.List) and len(value.elts) == 1:
        [value] = value.elts
    return value.value if isinstance(value, ast.Constant) else None
