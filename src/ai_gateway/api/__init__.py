"""The HTTP API: requests are bounded and checked, turned into the core's values, and answered."""
