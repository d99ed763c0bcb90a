"""Prompt files: read strictly, checked as a whole, rendered by a sandboxed engine."""
