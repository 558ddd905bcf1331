"""The version. The build reads it here, so that nothing has to read the metadata of the installed distribution."""

__version__ = "3.0.0"
