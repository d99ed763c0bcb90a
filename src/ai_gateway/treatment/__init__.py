"""Finding personal data, treating it, checking what leaves, and putting it back."""
