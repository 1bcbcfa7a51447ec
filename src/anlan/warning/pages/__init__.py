"""Pages on which warnings are written, checked and issued; the console puts them under /warnings."""
