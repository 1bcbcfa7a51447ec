"""Where territory data comes from: the files shipped in `territory/data` and `territory/rules`."""
