"""How much personal data the detector leaves, how much else it takes, and what that costs."""
