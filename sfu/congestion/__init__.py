"""How much a subscriber's network carries, and what is to be sent over it. Pure."""
