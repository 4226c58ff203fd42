# What a package installs: it asks pinx itself, which also knows your models, settings and log.
COMPLETE=fish pinx | source
