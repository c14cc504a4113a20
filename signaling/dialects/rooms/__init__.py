"""The room dialect: one connection a person, answers to requests, events as they happen."""
