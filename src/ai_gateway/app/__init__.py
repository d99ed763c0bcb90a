"""The composition root: the only place, beside the command line, that knows every adapter.

``serving`` makes the application; ``stores`` alone is enough for commands that read and keep records.
"""
