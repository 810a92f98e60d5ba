"""What each Lambda function's code may reach, read from the source: which adapters, and which calls of AWS these make.

A name leads to what it was imported as or defined as; a method to every method of that name of a class that the code
mentions. So more may be found than is ever called, and nothing that is called is left out, as long as adapters are
taken from the container and clients are made inside of adapters, which tests of the house hold to.
"""

from __future__ import annotations

import ast
import inspect
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import app as application
from chalicelib.scheduled import JOBS

ROOT = Path(__file__).resolve().parents[2]
CONTAINERS = {"services", "container()", "call.container"}
FIELDS = {"notifier": "QueueNotifier", "mail": "Mailer", "images": "ImageStore", "connections": "Connections"}
"""Of the container, and the classes of adapters that they hold."""
APPENDED = "appended"
"""Anyone who sets it, of a transaction, has the database's `on_events` called, which is the notifier's `notify`."""
CLIENTS = {*FIELDS.values(), "SecretStore", "Functions"}
"""The adapters that speak to AWS. A test compares it with who imports boto3."""

UNCALLED = ("__init__", "__post_init__", "__call__", "__enter__", "__exit__")
"""Methods that run without being named."""

Name = str
"""As in `chalicelib.scheduled.sweep_events` or `chalicelib.adapters.mail.Mailer.send`."""


@dataclass(slots=True)
class Source:
    """The functions, methods and classes of chalicelib."""

    bodies: dict[Name, ast.AST] = field(default_factory=dict[Name, ast.AST])
    names: dict[str, dict[str, Name]] = field(default_factory=dict[str, dict[str, Name]])
    """By module: what a name in it means."""
    methods: dict[str, list[Name]] = field(default_factory=dict[str, list[Name]])
    modules: dict[Name, str] = field(default_factory=dict[Name, str])


@cache
def source() -> Source:
    """Read all of chalicelib."""
    found = Source()
    for path in sorted((ROOT / "chalicelib").rglob("*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        tree = ast.parse(path.read_text(encoding="utf-8"))
        meanings = found.names.setdefault(module, {})
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                meanings |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
        for node in tree.body:
            _define(found, module, node)
    return found


def _define(found: Source, module: str, node: ast.stmt) -> None:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        name = f"{module}.{node.name}"
        found.names[module][node.name] = name
        found.modules[name] = module
        found.bodies[name] = node
        if isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef):
                    method = f"{name}.{inner.name}"
                    found.bodies[method], found.modules[method] = inner, module
                    found.methods.setdefault(inner.name, []).append(method)
    elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            if isinstance(target, ast.Name):
                name = f"{module}.{target.id}"
                found.names[module][target.id] = name
                found.bodies[name], found.modules[name] = node.value, module


def reachable(roots: set[Name]) -> set[Name]:
    """Everything that the code of these leads to."""
    found, reached, waiting, called = source(), set[Name](), set(roots), set[str]()
    while waiting:
        name = waiting.pop()
        if name in reached or name not in found.bodies:
            continue
        reached.add(name)
        body = found.bodies[name]
        if isinstance(body, ast.ClassDef):  # its methods as far as they are called, and what its body names now
            waiting |= {f"{name}.{method}" for method in (*called, *UNCALLED) if f"{name}.{method}" in found.bodies}
            parts = [one for one in body.body if not isinstance(one, ast.FunctionDef)]
            body = ast.Module([*parts, *map(ast.Expr, body.bases)], [])
        for node in ast.walk(body):
            if meaning := _meaning(found, name, node):
                waiting.add(meaning)
            if isinstance(node, ast.Attribute) and node.attr not in called:
                called.add(node.attr)
                waiting |= {one for one in found.methods.get(node.attr, ()) if one.rpartition(".")[0] in reached}
    return reached


def _meaning(found: Source, name: Name, node: ast.AST) -> Name | None:
    names = found.names[found.modules[name]]
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        module = names.get(node.value.id, "")
        return found.names.get(module, {}).get(node.attr)
    return None


def adapters_of(reached: set[Name]) -> set[str]:
    """The adapters of AWS that code takes from the container, or makes."""
    nodes = [node for name in reached for node in ast.walk(source().bodies[name])]
    held = {FIELDS[node.attr] for node in nodes if isinstance(node, ast.Attribute) and _is_held(node)}
    made = {node.func.id for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    noted = any(isinstance(node, ast.Attribute) and node.attr == APPENDED and _is_set(node) for node in nodes)
    return held | (made & (CLIENTS - set(FIELDS.values()))) | ({"QueueNotifier"} if noted else set())


def _is_held(node: ast.Attribute) -> bool:
    return node.attr in FIELDS and ast.unparse(node.value) in CONTAINERS


def _is_set(node: ast.Attribute) -> bool:
    return isinstance(node.ctx, ast.Store) and ast.unparse(node.value) == "transaction"


def roots() -> dict[str, set[Name]]:
    """Where the code of each Lambda function begins, by its name in the template."""
    views = {route.view_function for methods in application.app.routes.values() for route in methods.values()}
    sockets = {"open_connection": "Connect", "answer_message": "Message", "close_connection": "Disconnect"}
    return {
        "APIHandler": {f"{view.__module__}.{view.__name__}" for view in map(inspect.unwrap, views)},
        "DeliverEvents": {"chalicelib.consume_queue.deliver"},
        **{
            f"Websocket{sockets[name]}": {f"chalicelib.{use_case.replace(':', '.')}"}
            for name, use_case in application.SOCKETS.items()
        },
        **{
            name.capitalize(): {f"chalicelib.{use_case.replace(':', '.')}"}
            for name, use_case in application.RELEASES.items()
        },
        **{
            "".join(part.capitalize() for part in name.split("_")): {f"chalicelib.{job.use_case.replace(':', '.')}"}
            for name, job in JOBS.items()
        },
    }
