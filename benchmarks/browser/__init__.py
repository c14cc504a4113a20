"""People in real Chromium tabs, timed from inside their pages."""
