"""A privacy gateway between a marketplace's generative-AI features and LLM vendors."""
