"""Whom the questions put beside us, or in front of us: other servers, and people made of code."""
