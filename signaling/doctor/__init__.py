"""What is wrong and what to do about it: pure verdicts on facts that ``probes`` gathers."""
