"""The door to OpenVINO, which computes what a model makes of a text.

Its converter's tools are never imported: that alone reports to their makers.
"""

from __future__ import annotations

import os
import sys
from typing import Any

# openvino/__init__.py imports them where it can, and they send a message as they are
# imported ("general_import"); it goes on without them.
TOOLS = "openvino.tools.ovc"


_user: list[int] = []  # the id of the process that uses it


def library() -> Any:
    """Return OpenVINO; raises ImportError where there is none for this machine, and in
    a process that was forked from one that used it: its threads are gone there, and one
    in four of such processes waited for them for ever."""
    if _user and _user[0] != os.getpid():
        raise ImportError("OpenVINO was used before this process was forked")
    sys.modules.setdefault(TOOLS, None)  # type: ignore[arg-type]  # Python's own sign
    import openvino

    _user[:] = [os.getpid()]
    return openvino


def operations() -> Any:
    """Return the operations that a graph is made of."""
    library()
    from openvino import opset13

    return opset13
