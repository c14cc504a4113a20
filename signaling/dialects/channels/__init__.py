"""The channel dialect: subscriptions, several sockets a person, lists instead of events."""
