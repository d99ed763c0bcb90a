"""From Rampart's weights to the gateway's detection model. Nothing in the gateway imports this."""
