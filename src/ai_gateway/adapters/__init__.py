"""The doors to third parties and to the machine: each implements a port."""
