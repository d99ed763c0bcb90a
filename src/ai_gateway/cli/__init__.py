"""The ``ai-gateway`` command: reads arguments, calls the core, prints."""
