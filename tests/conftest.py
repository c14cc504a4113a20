"""How much hypothesis tries.

``pytest`` repeats the same examples on every machine; ``pytest --hypothesis-profile=explore`` looks
for new ones, and for longer.
"""

from hypothesis import HealthCheck, settings

SLOWNESS = [HealthCheck.too_slow, HealthCheck.data_too_large]

settings.register_profile(
    "build", max_examples=60, deadline=None, derandomize=True, suppress_health_check=SLOWNESS
)
settings.register_profile(
    "explore", max_examples=1500, deadline=None, suppress_health_check=SLOWNESS
)
settings.load_profile("build")
