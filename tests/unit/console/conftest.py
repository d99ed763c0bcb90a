from api_gateway import gateway

__all__ = ["gateway"]
