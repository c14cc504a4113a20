"""The subcommands of ``crossover``."""
