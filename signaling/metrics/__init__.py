"""Metrics for Prometheus: what the service and its workers have counted, on a port of its own."""
