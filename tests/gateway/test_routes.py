from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from chalice.app import Chalice

from local.gateway.routes import MalformedPathError, RouteConflictError, Routes

if TYPE_CHECKING:
    from collections.abc import Sequence


def routes_of(*templates: str, methods: Sequence[str] = ("GET",)) -> Routes:
    app = Chalice(app_name="routes", configure_logs=False, env={})
    for number, template in enumerate(templates):

        def view(**_parameters: str) -> None: ...

        view.__name__ = f"view_{number}"
        app.route(template, methods=list(methods))(view)
    return Routes(app.routes)


@pytest.mark.parametrize(
    ("path", "template", "parameters"),
    [
        ("/", "/", None),
        ("/a", "/a", None),
        ("/a/", "/a", None),
        ("/%61", "/a", None),
        ("/a/b", "/a/b", None),
        ("/a/c", "/a/{x}", {"x": "c"}),
        ("/a/c/", "/a/{x}", {"x": "c"}),
        ("/a/b/d/e", "/a/{x}/d/{y}", {"x": "b", "y": "e"}),
        ("/a/one%2Ftwo", "/a/{x}", {"x": "one/two"}),
        ("/a/caf%C3%A9+bar", "/a/{x}", {"x": "café+bar"}),
        ("/a/%2e%2e", "/a/{x}", {"x": ".."}),
    ],
)
def test_path_finds_its_template(path: str, template: str, parameters: dict[str, str] | None) -> None:
    match = routes_of("/", "/a", "/a/b", "/a/{x}", "/a/{x}/d/{y}").find(path)
    assert match is not None
    assert (match.resource.template, match.parameters) == (template, parameters)


@pytest.mark.parametrize("path", ["/b", "/a/b/c", "/a//", "//a", "/a/b/d", "/A", ""])
def test_path_without_template_is_not_found(path: str) -> None:
    assert routes_of("/a", "/a/b", "/a/{x}", "/a/{x}/d/{y}").find(path) is None


@pytest.mark.parametrize("path", ["/a/%00", "/a/x%00y", "/a/%ff", "/a/%C3", "/%ed%a0%80/b"])
def test_path_that_is_not_text_is_malformed(path: str) -> None:
    with pytest.raises(MalformedPathError):
        routes_of("/a/{x}").find(path)


def test_two_names_for_the_same_segment_are_refused_as_api_gateway_does() -> None:
    with pytest.raises(RouteConflictError, match=r"/tenants/\{t\}/x: \{t\} stands where another route has \{tenant\}"):
        routes_of("/tenants/{tenant}", "/tenants/{t}/x")


def test_head_is_served_by_get_only_where_it_is_not_declared_itself() -> None:
    read = routes_of("/a", methods=["GET", "POST"]).find("/a")
    declared = routes_of("/a", methods=["GET", "HEAD"]).find("/a")
    written = routes_of("/a", methods=["POST"]).find("/a")
    assert read is not None
    assert declared is not None
    assert written is not None
    assert (read.resource.served_method("HEAD"), read.resource.allow) == ("GET", "GET, HEAD, POST")
    assert (declared.resource.served_method("HEAD"), declared.resource.allow) == ("HEAD", "GET, HEAD")
    assert (written.resource.served_method("HEAD"), written.resource.allow) == (None, "POST")
