"""A stand-in for an LLM vendor, on this machine: it speaks OpenAI's and Anthropic's protocols and needs no model.

For the demo, for trying prompts out and for tests. It answers deterministically, keeps what it received to be looked
at, and fails on request.
"""

from ai_gateway.standin.captured import Captured
from ai_gateway.standin.script import Step
from ai_gateway.standin.server import Standin, serve_standin

__all__ = ["Captured", "Standin", "Step", "serve_standin"]
