"""Rescue: who can help, with what. Teams and their members now; roads, dispatch and siting later."""
