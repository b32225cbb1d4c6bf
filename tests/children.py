"""What tests that start other programs share."""

import signal


def hears_ctrl_c():
    """Run in a child before it starts: a suite in the background has Ctrl-C switched off, and hands that down."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
