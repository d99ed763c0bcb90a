"""The console: pages for people at a browser, rendered here, whole without a script."""
