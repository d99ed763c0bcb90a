"""Put on the path of every process that tests start: nothing but loopback may be reached."""

from loopback_only import install

install()
