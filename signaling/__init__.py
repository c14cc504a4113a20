"""The signaling service: the room registry, its two message dialects and the page."""
