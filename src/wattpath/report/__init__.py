"""Reports: figures and a self-contained page from a plan's result."""
