"""How machines that try any interleaving are run."""

from hypothesis import Phase

AS_FOUND = tuple(phase for phase in Phase if phase not in {Phase.shrink, Phase.explain})
"""The phases of a machine whose failures are shown as found: to shrink one can take minutes, until
the test's time is up and nothing is shown at all."""
