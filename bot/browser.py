"""Opens a page in a browser, where this machine has a screen and a browser for it."""

from __future__ import annotations

import shutil
import webbrowser
from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ALWAYS_A_SCREEN = ("darwin", "win32")
SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME")
TEXT_ONLY = ("www-browser", "links", "links2", "elinks", "lynx", "w3m")  # They would take the terminal.
OF_WINDOWS = ("wslview", "explorer.exe")


def shows(address: str, environ: Mapping[str, str], platform: str) -> bool:
    """Open *address* on the screen, and tell whether that is possible here."""
    found = graphical(environ, platform)
    try:
        return found is not None and found.open(address)
    except OSError:
        return False


def graphical(environ: Mapping[str, str], platform: str) -> webbrowser.BaseBrowser | None:
    """The browser that needs a screen, if there are both."""
    if platform not in ALWAYS_A_SCREEN and not any(environ.get(name) for name in SCREENS):
        return None
    try:
        usual = webbrowser.get()
    except webbrowser.Error:
        usual = None
    if usual is not None and PurePath(usual.name).name not in TEXT_ONLY:
        return usual
    outside = (shutil.which(name) for name in OF_WINDOWS if environ.get("WSL_DISTRO_NAME"))
    return next((webbrowser.BackgroundBrowser(path) for path in outside if path), None)
