"""The console: the pages a duty officer works on, put together from what the stages project."""
