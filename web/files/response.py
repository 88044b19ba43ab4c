"""The response that hands a local file over, in as much memory as one piece of it.

Whoever calls it has asked the index first: it knows of no article.
"""

from __future__ import annotations

import errno
import io
from typing import cast
from urllib.parse import unquote_to_bytes

from flask import Response, request
from werkzeug.wsgi import wrap_file

from web.error_responses import Busy, FileUnavailable
from web.files.kinds import PAGE, PDF, content_type
from web.files.opening import OpenedFile, open_regular
from web.files.style_sheets import sheet_hashes

# As much as the indexer reads of a file.
MOST_BYTES = 200 << 20
# Browsers' own PDF viewers don't open in a sandbox.
_PDF_POLICY = "script-src 'none'; frame-ancestors 'none'"
# A local file is shown as text and pictures of its own: no script, no form, no request
# to anywhere.
_POLICY = (
    "sandbox; default-src 'none'; style-src {}; img-src data:; frame-ancestors 'none'"
)
_STORED = "What is stored of it can be read in the results."
NOT_HELD = f"The index holds no file here that is one article. {_STORED}"
GONE = f"This file is gone, or may not be read. {_STORED}"
REPLACED = (
    "Something else stands in this file's place now, or in a folder's on the way to "
    f"it, such as a symbolic link; it is not opened. {_STORED}"
)
TOO_LARGE = (
    f"This file is larger than {MOST_BYTES >> 20} MB now; it is not opened. {_STORED}"
)
_NO_ROOM = "Too many files are being read just now; ask again in a moment."
_NONE_FREE = (errno.EMFILE, errno.ENFILE)
_NOT_AS_IT_WAS = (errno.ELOOP, errno.ENOTDIR, errno.EINVAL)


def file_response(url: str) -> Response:
    """Hand over the file at an address; raises FileUnavailable, and Busy where no
    further file can be opened."""
    file = _opened(unquote_to_bytes(url.removeprefix("file://")))
    kind = content_type(url)
    try:
        policy = _policy(file, kind)
    except OSError as error:
        file.close()
        raise FileUnavailable(GONE) from error
    # The server takes it from here, piece by piece as the client does, and closes it.
    body = wrap_file(request.environ, cast(io.BufferedReader, file))
    response = Response(body, content_type=kind, direct_passthrough=True)
    response.content_length = file.size
    response.headers["Content-Security-Policy"] = policy
    return response


def _opened(path: bytes) -> OpenedFile:
    try:
        file = open_regular(path)
    except OSError as error:
        if error.errno in _NONE_FREE:
            raise Busy(_NO_ROOM) from error
        if error.errno in _NOT_AS_IT_WAS:
            raise FileUnavailable(REPLACED) from error
        raise FileUnavailable(GONE) from error
    if file.size > MOST_BYTES:
        file.close()
        raise FileUnavailable(TOO_LARGE)
    return file


def _policy(file: OpenedFile, kind: str) -> str:
    if kind == PDF:
        return _PDF_POLICY
    hashes: list[str] = []
    if kind == PAGE:
        hashes = sheet_hashes(cast(io.BufferedReader, file))
        file.seek(0)
    return _POLICY.format(" ".join(hashes) or "'none'")
