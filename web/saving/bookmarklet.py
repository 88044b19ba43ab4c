"""The bookmarklet: a link that opens the form beside the page that a person reads.

It runs in that page, and reads its address, title and selected words alone.
"""

from __future__ import annotations

import json
from urllib.parse import quote

WINDOW = "popup,noopener,width=560,height=720"  # pixels


def bookmarklet(form: str) -> str:
    """Return the address of a bookmark that opens the form at this address, filled."""
    # A dictionary of JSON is one of JavaScript, quotes and all.
    script = (
        "(()=>{const f=new URLSearchParams({url:location.href,title:document.title,"
        "note:String(getSelection()).slice(0,2000)});"
        f"open({json.dumps(form)}+'?'+f,'_blank',{json.dumps(WINDOW)})}})()"
    )
    # Browsers undo it; a quote or a space would end the link in some.
    return "javascript:" + quote(script, safe="()=>{}.,;:+?/'[]!*")
