"""Settings for all properties: no deadline for one example, because a busy machine is not a broken promise."""

from hypothesis import settings

settings.register_profile("gateway", deadline=None)
settings.load_profile("gateway")
