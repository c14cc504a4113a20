"""What questions need that ``make bench`` does not install."""

import os
import shutil

from benchmarks.processes import ROOT

PAGE = ROOT / "signaling" / "http" / "page" / "index.html"


def nothing() -> str | None:
    """For who needs nothing."""
    return None


def chromium_and_page() -> str | None:
    """For who drives Chromium tabs: what to do before, as a sentence; None if all is there."""
    if not (os.environ.get("CHROMIUM") or shutil.which("chromium")):
        return "Chromium is not installed: apt-get install chromium, or set CHROMIUM to its path."
    if not PAGE.exists():
        return "The page is not built: make page."
    return None
