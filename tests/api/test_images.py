"""Images: uploaded to the bucket, checked, rewritten, shown, and thrown away when they are not what they say."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import httpx
import pytest
from PIL import Image, ImageDraw

from chalicelib.access.model.people import Role
from chalicelib.adapters.image_store import ImageStore
from chalicelib.catalogue import manage_images
from chalicelib.events.event_log import Actor
from chalicelib.http.container import container
from chalicelib.http.context import Context
from local.aws.serve import BUCKET
from tests.offers import STAY, Offer, policy

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.api.inbox import Inbox
    from tests.api.tenant import Tenant
    from tests.offers import Json

ROTATED = 6
"""EXIF: the camera was held upright, the image lies on its side."""


@pytest.fixture
def tenant(make_tenant: Callable[..., Tenant]) -> Tenant:
    return make_tenant(Offer(slug="cabin", document=policy(STAY)), Offer(slug="hut", document=policy(STAY)))


def image_file(kind: str = "JPEG", size: tuple[int, int] = (2400, 1200), **options: Any) -> bytes:  # noqa: ANN401 - Pillow's
    """An image whose left half is red."""
    image = Image.new("RGB", size, "blue")
    ImageDraw.Draw(image).rectangle((0, 0, size[0] // 2, size[1]), "red")
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def asked(tenant: Tenant, media_type: str = "image/jpeg", resource: str = "cabin") -> Json:
    return tenant.staff(f"/resources/{resource}/images", media_type=media_type)


def sent(upload: Json, data: bytes, **changes: str) -> httpx.Response:
    """Upload as a browser does: the fields, then the file."""
    fields = {**upload["fields"], **{name.replace("_", "-"): value for name, value in changes.items()}}
    return httpx.post(upload["url"], data=fields, files={"file": ("cabin.jpg", data)})


def completed(tenant: Tenant, upload: Json, resource: str = "cabin", alt: str = "The cabin") -> httpx.Response:
    path = f"/resources/{resource}/images/{upload['id']}/complete"
    return tenant.post(path, {"alt": alt}, **tenant.as_role(Role.MANAGER))


def shown(tenant: Tenant, resource: str = "cabin") -> list[Json]:
    return tenant.get(f"/resources/{resource}").json()["images"]


def added(
    tenant: Tenant, data: bytes, media_type: str = "image/jpeg", resource: str = "cabin", alt: str = "It"
) -> Json:
    upload = asked(tenant, media_type, resource)
    assert sent(upload, data).status_code == httpx.codes.NO_CONTENT
    answer = completed(tenant, upload, resource, alt)
    assert answer.status_code == httpx.codes.OK, answer.text
    return answer.json()["items"][-1]


def served(tenant: Tenant, url: str) -> httpx.Response:
    return httpx.get(tenant.client.base_url.join(url))


def kept(inbox: Inbox) -> list[str]:
    """The keys of everything in the bucket."""
    root = inbox.directory.parent / "objects" / BUCKET
    return [path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()]


def test_an_upload_is_shown_in_two_sizes_and_cached_for_good(tenant: Tenant, inbox: Inbox) -> None:
    image = added(tenant, image_file())
    assert (image["width"], image["height"], image["alt"]) == (1600, 800, "It")
    assert shown(tenant) == [image]
    for name, size in (("url", (1600, 800)), ("thumbnail_url", (480, 240))):
        answer = served(tenant, image[name])
        assert answer.headers["content-type"] == "image/webp"
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert hashlib.sha256(answer.content).hexdigest() in image[name]
        assert Image.open(BytesIO(answer.content)).size == size
    assert not [key for key in kept(inbox) if key.startswith(f"incoming/{tenant.slug}/")]


def test_what_cameras_hide_is_left_out_and_images_stand_upright(tenant: Tenant) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = ROTATED, "Secret camera"
    exif.get_ifd(0x8825)[1] = "N"
    image = added(tenant, image_file(exif=exif, comment=b"Where we live"))
    assert (image["width"], image["height"]) == (800, 1600)
    content = served(tenant, image["url"]).content
    opened = Image.open(BytesIO(content)).convert("RGB")
    assert not opened.getexif()
    assert b"Secret camera" not in content
    assert b"Where we live" not in content
    red, blue = (opened.getpixel((400, y)) for y in (100, 1500))
    assert isinstance(red, tuple)
    assert isinstance(blue, tuple)
    assert red[0] > 200 > 60 > red[2]
    assert blue[2] > 200 > 60 > blue[0]


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_transparent_images_stay_so(tenant: Tenant, kind: str) -> None:
    file = BytesIO()
    Image.new("RGBA", (40, 30), (255, 0, 0, 0)).save(file, kind)
    image = added(tenant, file.getvalue(), f"image/{kind.lower()}")
    assert Image.open(BytesIO(served(tenant, image["url"]).content)).mode == "RGBA"


def png_bomb() -> bytes:
    """A few bytes that say they are 30,000 pixels wide and high."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)

    header = (30_000).to_bytes(4) * 2 + bytes([8, 2, 0, 0, 0])
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    "lie",
    [
        b"<html><script>alert(1)</script></html>",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"PK\x03\x04 not an image",
        b"\xff\xd8\xff\xe0 the head of one, and then nothing",
        image_file()[:2000],
        image_file("PNG", (10, 10)),
        image_file("GIF", (10, 10)),
        png_bomb(),
    ],
    ids=["html", "svg", "zip", "head", "cut", "png", "gif", "bomb"],
)
def test_what_is_no_image_of_its_type_is_refused_and_thrown_away(tenant: Tenant, inbox: Inbox, lie: bytes) -> None:
    upload = asked(tenant)
    assert sent(upload, lie).status_code == httpx.codes.NO_CONTENT
    answer = completed(tenant, upload)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert not [key for key in kept(inbox) if tenant.slug in key]
    assert shown(tenant) == []
    assert completed(tenant, upload).status_code == httpx.codes.NOT_FOUND


def test_pngs_that_would_fill_the_memory_are_refused_before_they_are_decoded(tenant: Tenant) -> None:
    upload = asked(tenant, "image/png")
    sent(upload, png_bomb())
    answer = completed(tenant, upload)
    assert (answer.status_code, "pixels" in answer.json()["detail"]) == (422, True)


def test_a_permission_is_for_one_file_of_one_type_and_size(tenant: Tenant) -> None:
    upload = asked(tenant)
    assert upload["most_bytes"] == 10 * 1024 * 1024
    assert sent(upload, bytes(upload["most_bytes"] + 1)).status_code == httpx.codes.BAD_REQUEST
    for change in (
        {"key": f"images/{tenant.slug}/mine.webp"},
        {"Content_Type": "text/html"},
        {"x_amz_signature": "0" * 64},
        {"acl": "public-read"},
    ):
        assert sent(upload, image_file(), **change).status_code == httpx.codes.FORBIDDEN
    policy_text = json.loads(base64.b64decode(upload["fields"]["policy"]))
    policy_text["expiration"] = "2099-01-01T00:00:00Z"
    forged = base64.b64encode(json.dumps(policy_text).encode()).decode()
    assert sent(upload, image_file(), policy=forged).status_code == httpx.codes.FORBIDDEN


def test_nobody_reads_or_writes_the_bucket_without_a_signature(tenant: Tenant) -> None:
    bucket = asked(tenant)["url"]
    for method, path in (("GET", "x"), ("PUT", "x"), ("DELETE", "x"), ("PUT", "..%2f..%2fx")):
        answer = httpx.request(method, f"{bucket.rstrip('/')}/{path}", content=b"x")
        assert answer.status_code in {400, 403}, (method, path)


def test_completing_twice_shows_it_once(tenant: Tenant) -> None:
    upload = asked(tenant)
    sent(upload, image_file())
    first, again = completed(tenant, upload), completed(tenant, upload)
    assert first.json() == again.json()
    assert len(shown(tenant)) == 1


def test_completing_it_many_times_at_once_shows_it_once(tenant: Tenant) -> None:
    upload = asked(tenant)
    sent(upload, image_file())
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(completed, [tenant] * 16, [upload] * 16))
    assert {answer.status_code for answer in answers} == {httpx.codes.OK}
    assert len(shown(tenant)) == 1


def test_whoever_looks_just_after_it_was_completed_is_told_so(tenant: Tenant, aws: dict[str, str]) -> None:
    upload = asked(tenant)
    sent(upload, image_file())

    class SlowStore(ImageStore):
        """Reads after another call completed the image."""

        def read(self, key: str) -> tuple[bytes, str] | None:
            assert completed(tenant, upload).status_code == httpx.codes.OK
            return super().read(key)

    late = manage_images.add_image(
        Context(container().database, tenant.slug, Actor("staff", None, None)),
        SlowStore(aws["BERTH_IMAGES_BUCKET"]),
        "cabin",
        UUID(upload["id"]),
        "The cabin",
    )
    assert [one["id"] for one in late.images] == [upload["id"]]


def test_images_are_put_in_order_described_and_removed(tenant: Tenant) -> None:
    first, second = (added(tenant, image_file(size=(60, 30 + number)), alt=f"View {number}") for number in range(2))
    path = f"/resources/cabin/images/{second['id']}"
    headers = tenant.as_role(Role.MANAGER)
    url = f"/tenants/{tenant.slug}{path}"
    assert tenant.client.patch(url, json={"position": 0}, headers=headers).status_code == 428
    stale = tenant.client.patch(url, json={"position": 0}, headers={**headers, "If-Match": '"1"'})
    assert stale.status_code == httpx.codes.PRECONDITION_FAILED
    read = {**headers, "If-Match": tenant.get("/resources/cabin").headers["ETag"]}
    changed = tenant.client.patch(url, json={"position": 0, "alt": "From the lake"}, headers=read)
    assert [one["alt"] for one in changed.json()["items"]] == ["From the lake", "View 0"]
    assert tenant.client.delete(url, headers=headers).status_code == httpx.codes.PRECONDITION_REQUIRED
    assert tenant.client.delete(url, headers=read).status_code == httpx.codes.PRECONDITION_FAILED
    for status in (httpx.codes.NO_CONTENT, httpx.codes.NOT_FOUND):
        assert tenant.client.delete(url, headers=tenant.as_editor()).status_code == status
    assert [one["id"] for one in shown(tenant)] == [first["id"]]
    assert served(tenant, second["url"]).status_code == httpx.codes.NOT_FOUND


def test_the_same_image_elsewhere_stays(tenant: Tenant, inbox: Inbox) -> None:
    mine, theirs = added(tenant, image_file()), added(tenant, image_file(), resource="hut")
    assert served(tenant, mine["url"]).content == served(tenant, theirs["url"]).content
    path = f"/tenants/{tenant.slug}/resources/cabin/images/{mine['id']}"
    assert tenant.client.delete(path, headers=tenant.as_editor()).status_code == httpx.codes.NO_CONTENT
    assert served(tenant, theirs["url"]).status_code == httpx.codes.OK
    assert {f"/{key}" for key in kept(inbox) if tenant.slug in key} == {theirs["url"], theirs["thumbnail_url"]}


def test_a_resource_has_so_many_images_at_most(tenant: Tenant) -> None:
    for number in range(20):
        added(tenant, image_file("PNG", (8, 8 + number)), "image/png")
    answer = tenant.post("/resources/cabin/images", {"media_type": "image/png"}, **tenant.as_role())
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


def test_what_was_never_uploaded_cannot_be_shown(tenant: Tenant) -> None:
    assert completed(tenant, {"id": str(uuid4())}).status_code == httpx.codes.NOT_FOUND
    assert completed(tenant, {"id": "junk"}).status_code == httpx.codes.NOT_FOUND


def test_the_audit_log_tells_of_images(tenant: Tenant) -> None:
    image = added(tenant, image_file())
    found = tenant.client.get(
        f"/tenants/{tenant.slug}/audit", params={"type": "image.added"}, headers=tenant.as_role()
    ).json()["items"]
    assert [(one["before"], one["after"]["images"][0]["id"]) for one in found] == [({"images": []}, image["id"])]
