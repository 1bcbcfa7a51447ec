"""Pure rules of the response stage: frozen values in, values out; no Django, files or clock."""
