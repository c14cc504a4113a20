"""The two message dialects: requests to registry calls, registry events to messages."""
