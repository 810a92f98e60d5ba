"""The bucket of images: boto3's real client and a browser's form, against the objects that the demo keeps."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import httpx
import pytest
from botocore.credentials import Credentials

from chalicelib.adapters.image_store import FOREVER, ImageStore
from chalicelib.core.errors import UnavailableError
from local.aws.buckets import Buckets
from local.aws.objects import Objects, RefusedError
from local.aws.serve import ACCESS_KEY, BUCKET, serve_aws

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from chalicelib.adapters.image_store import Upload

KEY = "incoming/pine-cabins/lake"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """As by default, below a folder whose name begins with a dot."""
    return tmp_path / ".local"


@pytest.fixture
def aws(directory: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[dict[str, str]]:
    with serve_aws(directory) as variables:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        yield variables


@pytest.fixture
def store(aws: dict[str, str]) -> ImageStore:
    return ImageStore(aws["BERTH_IMAGES_BUCKET"])


def posted(upload: Upload, data: bytes) -> httpx.Response:
    return httpx.post(upload.url, data=dict(upload.fields), files={"file": data})


def test_what_is_written_is_kept_until_it_is_removed(store: ImageStore, directory: Path) -> None:
    key = "images/pine-cabins/a b/ü+%2f.webp"
    store.write(key, b"image", "image/webp")
    assert store.read(key) == (b"image", "image/webp")
    _, headers = Objects(directory / "objects").get(BUCKET, key)
    assert headers["Cache-Control"] == FOREVER
    store.remove(key)
    store.remove(key)
    assert store.read(key) is None


def test_what_is_kept_outlives_the_process(aws: dict[str, str], directory: Path, store: ImageStore) -> None:
    assert aws
    store.write("images/lake.webp", b"image", "image/webp")
    with serve_aws(directory) as again, pytest.MonkeyPatch.context() as patch:
        for name, value in again.items():
            patch.setenv(name, value)
        assert ImageStore(BUCKET).read("images/lake.webp") == (b"image", "image/webp")


def test_a_permission_ends(store: ImageStore, directory: Path, aws: dict[str, str]) -> None:
    upload = store.allow_upload(KEY, "image/png", 100)
    credentials = Credentials(ACCESS_KEY, aws["AWS_SECRET_ACCESS_KEY"])
    buckets = Buckets(Objects(directory / "objects"), credentials)
    with pytest.raises(RefusedError, match="expired"):
        buckets.accept_upload(BUCKET, upload.fields, b"x", datetime.now(UTC) + timedelta(seconds=upload.seconds))
    assert store.read(KEY) is None
    assert posted(upload, b"x" * 100).status_code == httpx.codes.NO_CONTENT
    assert store.read(KEY) == (b"x" * 100, "image/png")


@pytest.mark.parametrize("size", [0, 101])
def test_a_file_of_another_size_is_not_kept(store: ImageStore, size: int) -> None:
    answer = posted(store.allow_upload(KEY, "image/png", 100), b"x" * size)
    assert (answer.status_code, "EntityTooLarge" in answer.text) == (400, True)
    assert store.read(KEY) is None


def test_another_bucket_than_the_signed_one_takes_nothing(store: ImageStore) -> None:
    upload = store.allow_upload(KEY, "image/png", 100)
    answer = httpx.post(upload.url.replace(BUCKET, "other"), data=dict(upload.fields), files={"file": b"x"})
    assert answer.status_code == httpx.codes.FORBIDDEN


def test_whoever_has_another_secret_is_refused(store: ImageStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.write("images/lake.webp", b"image", "image/webp")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "guessed")
    stranger = ImageStore(BUCKET)
    for attempt in (
        lambda: stranger.read("images/lake.webp"),
        lambda: stranger.write("images/lake.webp", b"other", "image/webp"),
        lambda: stranger.remove("images/lake.webp"),
    ):
        with pytest.raises(UnavailableError):
            attempt()
    assert posted(stranger.allow_upload(KEY, "image/png", 100), b"x").status_code == httpx.codes.FORBIDDEN
    assert store.read("images/lake.webp") == (b"image", "image/webp")


@pytest.mark.parametrize("key", ["../x", "a/../../x", "a//b", "/x", ".headers/x", "a/.x", "", "a\0b", "x" * 600])
def test_no_key_leads_out_of_the_bucket(directory: Path, key: str) -> None:
    objects = Objects(directory)
    with pytest.raises(RefusedError):
        objects.put(BUCKET, key, b"x", {})
    assert not directory.exists()


def test_a_deployment_without_a_bucket_says_so() -> None:
    with pytest.raises(UnavailableError, match="BERTH_IMAGES_BUCKET"):
        ImageStore("").write("images/lake.webp", b"", "image/webp")


def test_a_bucket_that_does_not_answer_is_said_to_be_unavailable(
    aws: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert aws
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{port}")
    with pytest.raises(UnavailableError):
        ImageStore(BUCKET).read("images/lake.webp")
