"""One online model a device, for the whole fleet at once; silence and gaps."""
