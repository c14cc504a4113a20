"""Rooms on the SFU: which worker carries which, what is in them, what has been asked of workers."""
