"""Only a regular file without a link on the way to it is opened, and never more of it
than there was."""

from __future__ import annotations

import errno
import os
import socket
import threading

import pytest

import web.files.opening
from web.files.opening import PIECE, open_regular


def opened(path):
    with open_regular(os.fsencode(path)) as file:
        return file.read()


@pytest.fixture
def post(tmp_path):
    """A post two folders deep."""
    path = tmp_path.resolve() / "blog" / "2024" / "post.md"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"mine")
    return path


@pytest.fixture
def secret(tmp_path):
    """The same names elsewhere, with another text."""
    path = tmp_path.resolve() / "secret" / "2024" / "post.md"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"secret")
    return path


def reason(path):
    with pytest.raises(OSError, match=r"\w") as error:
        opened(path)
    return error.value.errno


def test_a_regular_file_is_opened(post):
    assert opened(post) == b"mine"
    assert opened(f"/{post}".replace("blog", "./blog/")) == b"mine"


def test_no_link_is_followed_wherever_it_stands(post, secret):
    folder, blog = post.parent, post.parents[1]
    post.unlink()
    post.symlink_to(secret)
    assert reason(post) == errno.ELOOP
    post.unlink()
    folder.rmdir()
    folder.symlink_to(secret.parent)
    assert reason(post) in (errno.ELOOP, errno.ENOTDIR)
    folder.unlink()
    blog.rmdir()
    blog.symlink_to(secret.parents[1])
    assert reason(post) in (errno.ELOOP, errno.ENOTDIR)


def test_a_folder_that_is_exchanged_between_two_steps_leads_nowhere(
    post, secret, monkeypatch
):
    """The folder is replaced right after it was opened: the file is the old one."""
    real_open = os.open
    blog = post.parents[1]

    def exchanging(name, *args, **named):
        found = real_open(name, *args, **named)
        if name == b"blog":
            blog.rename(blog.with_name("old"))
            blog.symlink_to(secret.parents[1])
        return found

    monkeypatch.setattr(web.files.opening.os, "open", exchanging)
    assert opened(post) == b"mine"


def test_a_post_that_is_exchanged_between_look_and_opening_is_not_read(
    post, secret, monkeypatch
):
    real_stat = os.stat

    def exchanging(name, **named):
        found = real_stat(name, **named)
        post.unlink()
        post.symlink_to(secret)
        return found

    monkeypatch.setattr(web.files.opening.os, "stat", exchanging)
    assert reason(post) == errno.ELOOP


def test_a_pipe_that_takes_the_place_at_the_last_moment_holds_nobody(post, monkeypatch):
    real_stat = os.stat

    def exchanging(name, **named):
        found = real_stat(name, **named)
        post.unlink()
        os.mkfifo(post)
        return found

    monkeypatch.setattr(web.files.opening.os, "stat", exchanging)
    tried = threading.Thread(target=lambda: reason(post), daemon=True)
    tried.start()
    tried.join(10)
    assert not tried.is_alive()


def test_nothing_but_a_regular_file_is_opened(post, tmp_path):
    os.mkfifo(post.with_name("pipe.md"))
    assert reason(post.with_name("pipe.md")) == errno.EINVAL
    assert reason(post.parent) == errno.EINVAL
    assert reason("/dev/zero") == errno.EINVAL
    with socket.socket(socket.AF_UNIX) as at:
        at.bind(str(tmp_path / "s.md"))
        assert reason(tmp_path.resolve() / "s.md") == errno.EINVAL


def test_what_is_no_name_of_a_file_is_not_there(post):
    assert reason(f"{post.parent}/../2024/post.md") == errno.ENOENT
    assert reason(f"{post}\0") == errno.ENOENT
    assert reason(f"{post.parent}/{'x' * 300}.md") == errno.ENAMETOOLONG
    assert reason(f"{post}/below.md") in (errno.ELOOP, errno.ENOTDIR)
    assert reason("/") in (errno.EINVAL, errno.ENOENT)


def test_names_may_be_of_any_bytes(tmp_path):
    path = os.fsencode(tmp_path.resolve()) + b"/\xff\xfe caf\xe9.md"
    with open(path, "wb") as file:
        file.write(b"old")
    with open_regular(path) as file:
        assert file.read() == b"old"


def test_no_descriptor_is_left_open(post, secret):
    before = len(os.listdir("/dev/fd"))
    for _ in range(20):
        opened(post)
        assert reason(post.parent) == errno.EINVAL
        assert reason(f"{post}.gone") == errno.ENOENT
    assert len(os.listdir("/dev/fd")) == before


def test_no_more_is_read_than_there_was_and_what_is_cut_off_is_an_error(post):
    post.write_bytes(b"x" * 10)
    with open_regular(os.fsencode(post)) as file:
        with post.open("ab") as more:
            more.truncate(10 << 30)  # 10 GB, of holes
        assert file.read() == b"x" * 10
        assert file.read() == b""
        file.seek(0)
        post.write_bytes(b"x" * 4)
        assert file.read(8) == b"xxxx"
        with pytest.raises(OSError, match="shorter"):
            file.read(8)


def test_a_piece_is_small_however_much_is_asked_for(post):
    with post.open("wb") as file:
        file.truncate(100 << 20)
    with open_regular(os.fsencode(post)) as file:
        assert len(file.read()) == len(file.read(None)) == PIECE
        assert len(file.read(50 << 20)) == PIECE
