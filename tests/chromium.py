"""Where the system's Chromium is."""

from __future__ import annotations

import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
MISSING = "No Chromium here, so the page was not tested in a browser: install it (on Debian: apt install chromium)."


def where() -> str | None:
    """The path of the browser, or nothing."""
    return next((found for found in map(shutil.which, NAMES) if found), None)
