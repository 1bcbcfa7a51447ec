"""The composition root: settings, addresses, processes, command line, page shell."""
