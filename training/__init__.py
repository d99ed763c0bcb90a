"""What the detection model is trained with. The gateway never imports it; README.md says how it is used."""
