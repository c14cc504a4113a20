"""What the questions put on a server: clients, members of rooms, and enemies."""
