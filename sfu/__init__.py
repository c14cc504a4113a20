"""The selective forwarding unit: receives each person's media once and forwards it, encoded."""
