"""A whole gateway for the journeys: its HTTP API, every tier of detection, the stand-in vendor."""

from api_gateway import gateway

__all__ = ["gateway"]
