import os
from pathlib import Path

Path(os.environ["PELICAN_CONF_WAS_RUN"]).touch()  # must never happen
AUTHOR = "Ora Lind"
SITENAME = "Kiln Log"
SITEURL = ""
PATH = "content"
DEFAULT_LANG = "en"
YEAR = "{date:%Y}"
ARTICLE_URL = "log/" + YEAR + "/{date:%m}/{category}/{slug}.html"
